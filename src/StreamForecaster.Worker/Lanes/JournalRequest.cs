using StreamForecaster.Models;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What is to enter a lane through its journal. <paramref name="Number"/>: a version, or by how much lane time is to go on;
/// <paramref name="Model"/>: the champion of an activation.</summary>
sealed record JournalRequest(JournalKind Kind, string Group, long Number, long Extra, Forecaster? Model);
