using System.Text;
using Microsoft.Win32.SafeHandles;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>
/// The marks of a lane's files, oldest first, durable one by one. Several are kept, because a commit that was marked may not have
/// happened: a start then asks for an older one.
/// </summary>
sealed class MarkLog : IDisposable
{
    // Commits come every few seconds; this many without one that succeeded is more than an hour.
    const int Kept = 1024;

    readonly string _path;
    readonly DiskWrite _write;
    readonly List<Mark> _marks = [];
    SafeFileHandle? _file;
    long _length;

    public MarkLog(string path, DiskWrite write)
    {
        _path = path;
        _write = write;
        if (File.Exists(path))
        {
            foreach (string line in File.ReadLines(path))
            {
                if (Mark.TryParse(line, out Mark mark))
                {
                    _marks.Add(mark);
                }
            }
        }
    }

    /// <summary>The newest mark of an offset.</summary>
    public Mark? Find(long offset)
    {
        int index = _marks.FindLastIndex(mark => mark.Offset == offset);
        return index < 0 ? null : _marks[index];
    }

    /// <summary>Adds a mark, durably.</summary>
    public void Add(Mark mark)
    {
        if (_file is null || _marks.Count >= 2 * Kept)
        {
            Rewrite([.. _marks.TakeLast(Kept - 1), mark]);
            return;
        }

        byte[] line = Encoding.ASCII.GetBytes(mark.ToLine());
        _write(_file, line, _length);
        RandomAccess.FlushToDisk(_file);
        _length += line.Length;
        _marks.Add(mark);
    }

    /// <summary>Forgets every mark past this one, durably, and all of them where it is null.</summary>
    public void CutTo(Mark? last)
    {
        int kept = last is { } mark ? _marks.LastIndexOf(mark) + 1 : 0;
        Rewrite(_marks[..kept]);
    }

    public void Dispose() => _file?.Dispose();

    void Rewrite(List<Mark> marks)
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(marks.Select(mark => mark.ToLine())));
        DurableFolder.Replace(_path, content, _write);
        _file?.Dispose();
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.Read);
        _length = content.Length;
        if (!ReferenceEquals(marks, _marks))
        {
            _marks.Clear();
            _marks.AddRange(marks);
        }
    }
}
