using System.Diagnostics;
using System.Globalization;
using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Running;

/// <summary>Jobs of the tiny program, and a look at the processes that run them.</summary>
internal static class TinyJob
{
    /// <summary>More than any of these runs takes, also on a machine that is busy with other things; what is promised in seconds is held to them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    static TinyJob() => ExamplePrograms.Add(new TinyProgram());

    public static TrainingJob Parse(string mode, int servers, int workers, int epochs, string data = "none", int restarts = 0, params string[] settings) =>
        TrainingJob.Parse(Yaml(mode, servers, workers, epochs, data), [$"spec.policy.backoffLimit={restarts}", .. settings]);

    public static string Yaml(string mode, int servers, int workers, int epochs, string data = "none") => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: tiny}
        spec:
          program: {example: tiny}
          update: {mode: {{mode}}}
          epochs: {{epochs}}
          batchSize: 8
          optimizer: {name: sgd, learningRate: 0.05, momentum: 0.9}
          data: {path: {{data}}}
          replicas:
            ps: {count: {{servers}}}
            worker: {count: {{workers}}}
        """);

    /// <summary>Role processes of a run that are alive, by role name.</summary>
    public static Dictionary<string, Process> Roles(string runs)
    {
        var found = new Dictionary<string, Process>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                var variables = File.ReadAllText(Path.Combine(folder, "environ")).Split('\0');
                var place = Array.Find(variables, variable => variable.StartsWith("TAAS_CONFIG=", StringComparison.Ordinal));
                if (place is not null && Array.Exists(variables, variable => variable.StartsWith($"TAAS_RUN_FOLDER={runs}", StringComparison.Ordinal)))
                {
                    var task = TaskConfig.Parse(place["TAAS_CONFIG=".Length..]).Task;
                    found[$"{task.Type}-{task.Index}"] = Process.GetProcessById(id);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // Ended meanwhile, or not ours.
            }
        }

        return found;
    }

    /// <summary>Waits until no role of a run is alive.</summary>
    public static async Task<bool> AllGoneAsync(string runs, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (Roles(runs).Count > 0)
        {
            if (watch.Elapsed > limit)
            {
                return false;
            }

            await Task.Delay(50);
        }

        return true;
    }
}
