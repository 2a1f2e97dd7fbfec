namespace TaaS.Engine;

/// <summary>A launch of a recording.</summary>
/// <param name="Run">Starts the kernels.</param>
/// <param name="Varies">It reads values on the host that change from run to run, so that no device can freeze it.</param>
internal readonly record struct Launch(Action Run, bool Varies);

/// <summary>The one place where kernels start: runs each launch, and keeps it while a recording is open on this thread.</summary>
internal static class Launcher
{
    [ThreadStatic]
    private static List<Launch>? recording;

    /// <summary>Launches in the open recording so far.</summary>
    public static int Recorded => recording?.Count ?? 0;

    /// <summary>Runs a kernel on buffers and numbers that the delegate has fixed.</summary>
    public static void Run(Action kernel) => Run(new Launch(kernel, Varies: false));

    /// <summary>Runs a kernel that reads what changes between replays, such as a learning rate, from an object when it starts.</summary>
    public static void RunVarying(Action kernel) => Run(new Launch(kernel, Varies: true));

    /// <summary>Runs work and gives the launches it made, in order, ready to be replayed.</summary>
    public static Launch[] Record(Action work)
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

    private static void Run(Launch launch)
    {
        launch.Run();
        recording?.Add(launch);
    }
}
