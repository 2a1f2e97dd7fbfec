using System.Text.Json;

namespace TaaS.Runtime;

/// <summary>The folder of one run: <c>spec.yaml</c>, <c>logs/</c>, <c>metrics.jsonl</c>, <c>roles.json</c>, <c>tensorboard/</c>, the checkpoint, <c>result.json</c>.</summary>
public sealed class RunFolder
{
    private const int MaxRunsOfOneName = 10_000;

    private RunFolder(string path) => Path = path;

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The job as it was run.</summary>
    public string Spec => System.IO.Path.Combine(Path, "spec.yaml");

    /// <summary>Parameters, optimizer slots, step and generator state.</summary>
    public string Checkpoint => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    /// <summary>One JSON object for each report of progress.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>How many workers the user wants, while the run goes on; see <see cref="WorkerScale"/>.</summary>
    public string Scale => System.IO.Path.Combine(Path, "workers");

    /// <summary>What the run came to.</summary>
    public string Result => System.IO.Path.Combine(Path, "result.json");

    /// <summary>The run's roles, and where each shows its metrics.</summary>
    public string Roles => System.IO.Path.Combine(Path, "roles.json");

    /// <summary>Folder of TensorBoard's event files.</summary>
    public string TensorBoard => System.IO.Path.Combine(Path, "tensorboard");

    /// <summary>Log of a role.</summary>
    public string Log(string role) => System.IO.Path.Combine(Path, "logs", $"{role}.log");

    /// <summary>Makes a new folder: NAME, or NAME-2, NAME-3, … if that exists.</summary>
    /// <param name="runs">Folder of runs; made if missing.</param>
    /// <param name="name">Name of the run.</param>
    /// <param name="isExact">True refuses a name that exists, instead of counting on.</param>
    /// <exception cref="TrainingException">The folder exists or cannot be made.</exception>
    public static RunFolder Create(string runs, string name, bool isExact)
    {
        try
        {
            Directory.CreateDirectory(runs);
            for (var number = 1; number < MaxRunsOfOneName; number++)
            {
                var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(runs, number == 1 ? name : $"{name}-{number}"));
                if (TryClaim(path))
                {
                    Directory.CreateDirectory(System.IO.Path.Combine(path, "logs"));
                    return new RunFolder(path);
                }

                if (isExact)
                {
                    throw new TrainingException($"the run folder {path} exists already; choose another name or remove it");
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"cannot make a run folder in {System.IO.Path.GetFullPath(runs)}: {error.Message}", error);
        }

        throw new TrainingException($"{runs} holds {MaxRunsOfOneName} runs named {name}; remove some");
    }

    /// <summary>An existing folder, as a role sees it.</summary>
    public static RunFolder Open(string path) => new(path);

    /// <summary>Writes <c>result.json</c>.</summary>
    public void Write(RunResult result) => File.WriteAllText(Result, JsonSerializer.Serialize(result, ResultJson.Default.RunResult) + "\n");

    // Two runs that start together must not share a folder: making this file is the claim.
    private static bool TryClaim(string path)
    {
        if (Directory.Exists(path) || File.Exists(path))
        {
            return false;
        }

        Directory.CreateDirectory(path);
        try
        {
            using var claim = new FileStream(System.IO.Path.Combine(path, "spec.yaml"), FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (File.Exists(System.IO.Path.Combine(path, "spec.yaml")))
        {
            return false;
        }
    }
}
