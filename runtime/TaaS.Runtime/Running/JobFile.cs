using TaaS.Jobs;

namespace TaaS.Runtime;

/// <summary>Reads job files.</summary>
public static class JobFile
{
    /// <summary>Reads and checks a job. A relative <c>spec.program.path</c> is one beside the job file and becomes a full path.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Settings such as <c>spec.epochs=5</c>.</param>
    /// <exception cref="JobException">The file does not exist, or something in it cannot be.</exception>
    public static TrainingJob Read(string path, IEnumerable<string> overrides)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new JobException([new JobProblem("", 0, $"job file {file} does not exist; give the path of a YAML file such as runtime/examples/fashion-mnist.yaml")]);
        }

        var job = TrainingJob.Parse(File.ReadAllText(file), overrides);
        return job.Spec.Program.Path is { } program
            ? job with { Spec = job.Spec with { Program = job.Spec.Program with { Path = Path.GetFullPath(program, Path.GetDirectoryName(file)!) } } }
            : job;
    }
}
