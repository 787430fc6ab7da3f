using System.Globalization;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Publishing.Files;

sealed partial class LaneFile
{
    void Open()
    {
        if (_ready)
        {
            return;
        }

        _file?.Dispose();
        _file = null;
        Directory.CreateDirectory(_folder);
        long offset = _restoreAt ?? -1;
        Mark? mark = offset >= 0 ? _marks.Find(offset) : null;
        if (mark is { } found && LengthOf(found.Number) >= found.Length)
        {
            CutTo(found);
        }
        else
        {
            // Without a committed offset the marks tell of another history; with one, this start is the first place of it.
            _number = LastNumber() + 1;
            _length = 0;
            _marks.CutTo(null);
            if (offset >= 0)
            {
                _marks.Add(new(offset, _number, 0));
            }
        }

        _restoreAt = null;
        _ready = true;
    }

    void CutTo(Mark mark)
    {
        for (int number = LastNumber(); number > mark.Number; number--)
        {
            File.Delete(PathOf(number));
        }

        _marks.CutTo(mark);
        _number = mark.Number;
        _length = mark.Length;
        if (LengthOf(_number) > 0)
        {
            _file = File.OpenHandle(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            RandomAccess.SetLength(_file, mark.Length);
        }
    }

    long LengthOf(int number) => new FileInfo(PathOf(number)) is { Exists: true } file ? file.Length : 0;

    int LastNumber()
    {
        int last = 0;
        foreach (string path in Directory.EnumerateFiles(_folder, $"{_stem}.*{_extension}"))
        {
            ReadOnlySpan<char> number = Path.GetFileName(path.AsSpan())[(_stem.Length + 1)..^_extension.Length];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed))
            {
                last = Math.Max(last, parsed);
            }
        }

        return last;
    }

    string PathOf(int number) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_stem}.{number:D6}{_extension}"));

    // Kafka's own topic names pass unchanged; a replay may name a lane after a file.
    static string FileStem(LaneId lane) =>
        string.Concat(lane.ToString().Select(c =>
            char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'
                ? c.ToString()
                : string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}")));
}
