using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>What is known of a sample besides its floats.</summary>
/// <param name="Series">64-bit hash of the series key: <see cref="SampleHash.OfKey"/>.</param>
/// <param name="OriginNs">End of the last step of the input window, Unix nanoseconds: the forecast's origin.</param>
/// <param name="KnownNs">End of the last target's step, Unix nanoseconds: when the sample became known. Greater than
/// <paramref name="OriginNs"/>.</param>
/// <param name="Weight">Weight in training, in (0, 1]: 1 for ordinary steps, <see cref="LearnOptions.AnomalyWeight"/> where a target
/// step was marked anomalous.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct SampleInfo(ulong Series, long OriginNs, long KnownNs, float Weight);
