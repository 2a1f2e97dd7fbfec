namespace TaaS.Engine;

/// <summary>The one place where kernels start: runs each launch, and keeps it while a recording is open on this thread.</summary>
internal static class Launcher
{
    [ThreadStatic]
    private static List<Action>? recording;

    /// <summary>Launches in the open recording so far.</summary>
    public static int Recorded => recording?.Count ?? 0;

    /// <summary>Runs a kernel on buffers that the delegate has fixed; what may change between replays it reads from an object.</summary>
    public static void Run(Action kernel)
    {
        kernel();
        recording?.Add(kernel);
    }

    /// <summary>Runs work and gives the launches it made, in order, ready to be replayed.</summary>
    public static Action[] Record(Action work)
    {
        var outer = recording;
        var launches = recording = [];
        try
        {
            work();
        }
        finally
        {
            recording = outer;
        }

        return [.. launches];
    }
}
