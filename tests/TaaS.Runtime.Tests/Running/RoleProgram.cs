using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Running;

/// <summary>Entry point of the role processes that tests start: <c>dotnet TaaS.Runtime.Tests.dll role</c>. The test host never calls it.</summary>
internal static class RoleProgram
{
    public static RunOptions Options(string runs) => new()
    {
        RoleExecutable = "dotnet",
        RoleArguments = [typeof(RoleProgram).Assembly.Location, "role"],
        RunsFolder = runs,
        Cores = 2,
    };

    public static async Task<int> Main(string[] args)
    {
        ExamplePrograms.Add(new TinyProgram());
        if (args[0] == "role")
        {
            return await RoleHost.RunAsync(CancellationToken.None);
        }

        // "run FOLDER": a parent that tests kill.
        await JobRunner.RunAsync(TrainingJob.Parse(TinyJob.Yaml("async", 1, 2, epochs: 10_000)), Options(args[1]), new Progress<TrainingProgress>(), CancellationToken.None);
        return 0;
    }
}
