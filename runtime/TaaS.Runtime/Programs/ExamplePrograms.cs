using TaaS.Jobs;

namespace TaaS.Runtime.Programs;

/// <summary>Programs that a job file can name by <c>spec.program.example</c>, and the user's own where this process is one.</summary>
public static class ExamplePrograms
{
    private static readonly List<ITrainingProgram> All = [new FashionMnistProgram()];

    /// <summary>The program that this process was written to run, or null.</summary>
    internal static ITrainingProgram? Own { get; private set; }

    /// <summary>Finds a program.</summary>
    /// <exception cref="JobException">No such example; the message lists those there are.</exception>
    public static ITrainingProgram Find(string name) =>
        All.Find(program => program.Name == name)
        ?? throw new JobException([new JobProblem("spec.program.example", 0, $"expected one of {string.Join(", ", All.Select(program => program.Name))}, got {name}")]);

    /// <summary>Adds a program, at start-up, in every process of a job.</summary>
    public static void Add(ITrainingProgram program) => All.Add(program);

    /// <summary>The program of a job in this process: an example by its name; for a path or an image, the one that this process was written to run.</summary>
    /// <exception cref="JobException">No such example, or this process is no user's program.</exception>
    internal static ITrainingProgram Of(TrainingJob job) => job.Spec.Program switch
    {
        { Example: { } example } => Find(example),
        { Image: { } image } => Own ?? throw Elsewhere("image", $"{image} runs in containers, on a cluster; on this machine give spec.program.path or spec.program.example"),
        { Path: var path } => Own ?? throw Elsewhere("path", $"this process is not {path}; start the job with 'taas train', or the program itself with the job file"),
    };

    /// <summary>Makes a program this process's own, at start-up.</summary>
    internal static void Host(ITrainingProgram program)
    {
        Own = program;
        // Before an example of the same name.
        All.Insert(0, program);
    }

    private static JobException Elsewhere(string field, string message) => new([new JobProblem($"spec.program.{field}", 0, message)]);
}
