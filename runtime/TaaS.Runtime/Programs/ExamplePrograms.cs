using TaaS.Jobs;

namespace TaaS.Runtime.Programs;

/// <summary>Programs that a job file can name by <c>spec.program.example</c>.</summary>
public static class ExamplePrograms
{
    private static readonly List<ITrainingProgram> All = [new FashionMnistProgram()];

    /// <summary>Finds a program.</summary>
    /// <exception cref="JobException">No such example; the message lists those there are.</exception>
    public static ITrainingProgram Find(string name) =>
        All.Find(program => program.Name == name)
        ?? throw new JobException([new JobProblem("spec.program.example", 0, $"expected one of {string.Join(", ", All.Select(program => program.Name))}, got {name}")]);

    /// <summary>Adds a program, at start-up, in every process of a job.</summary>
    public static void Add(ITrainingProgram program) => All.Add(program);
}
