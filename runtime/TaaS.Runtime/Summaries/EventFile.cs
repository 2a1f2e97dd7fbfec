using System.Globalization;
using Google.Protobuf;
using TaaS.Runtime.Summaries.Protocol;

namespace TaaS.Runtime.Summaries;

/// <summary>A TensorBoard event file, written as training goes on. One writer a folder; a folder may hold the files of several starts of it.</summary>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";

    private readonly RecordWriter _records;
    private readonly TimeProvider _time;

    /// <summary>Makes a new file in a folder, and the folder.</summary>
    /// <param name="folder">Folder that TensorBoard is pointed at.</param>
    /// <param name="time">Clock of the events.</param>
    public EventFile(string folder, TimeProvider time)
    {
        _time = time;
        Directory.CreateDirectory(folder);
        // TensorBoard knows event files by "tfevents" and reads them in the order of their names.
        Path = System.IO.Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}.0"));
        _records = new RecordWriter(new FileStream(Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        Write(new Event { FileVersion = Version });
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Says that training begins at a step: TensorBoard then forgets what an earlier file of the folder holds from there on.</summary>
    public void Start(long step) => Write(new Event { Step = step, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });

    /// <summary>Writes the model's graph.</summary>
    public void Write(GraphDef graph) => Write(new Event { GraphDef = graph.ToByteString() });

    /// <summary>Writes values of a step.</summary>
    public void Write(long step, params ReadOnlySpan<Summary.Types.Value> values)
    {
        var summary = new Summary();
        foreach (var value in values)
        {
            summary.Value.Add(value);
        }

        Write(new Event { Step = step, Summary = summary });
    }

    /// <summary>Hands everything to the operating system, where TensorBoard sees it.</summary>
    public void Flush() => _records.Flush();

    /// <inheritdoc/>
    public void Dispose() => _records.Dispose();

    /// <summary>A number by name.</summary>
    public static Summary.Types.Value Scalar(string tag, double value) => new() { Tag = tag, SimpleValue = (float)value };

    /// <summary>A distribution by name.</summary>
    public static Summary.Types.Value Histogram(string tag, ReadOnlySpan<float> values) => new() { Tag = tag, Histo = HistogramBuckets.Count(values) };

    /// <summary>A picture by name.</summary>
    public static Summary.Types.Value Image(string tag, Bitmap picture) => new()
    {
        Tag = tag,
        Image = new Summary.Types.Image
        {
            Height = picture.Height,
            Width = picture.Width,
            Colorspace = picture.Channels,
            EncodedImageString = UnsafeByteOperations.UnsafeWrap(picture.ToPng()),
        },
    };

    private void Write(Event happened)
    {
        happened.WallTime = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        _records.Write(happened.ToByteArray());
    }
}
