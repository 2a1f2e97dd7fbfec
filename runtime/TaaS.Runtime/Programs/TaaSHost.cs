using System.Reflection;
using System.Runtime.InteropServices;

namespace TaaS.Runtime.Programs;

/// <summary>Makes a program of one's own out of a model and its data: <c>return await TaaSHost.RunAsync(args, new MyProgram());</c></summary>
/// <remarks>
/// Started with a job file it trains: in server and worker processes of this same executable, or with <c>--local</c> in this process. Started with
/// <c>TAAS_CONFIG</c>, as <c>taas train</c> and containers do, it is the one role that this names. Call it first thing: whoever starts a role waits for it to speak.
/// </remarks>
public static class TaaSHost
{
    /// <summary>Runs the program as its command line and environment say.</summary>
    /// <param name="args">The command line, as <c>Main</c> got it.</param>
    /// <param name="program">Model and data.</param>
    /// <returns>One of <see cref="ExitCode"/>, to be returned from <c>Main</c>. Errors are told in one line on standard error, not thrown.</returns>
    public static async Task<int> RunAsync(string[] args, ITrainingProgram program)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(program);
        if (ProgramIntroduction.IsAskedFor)
        {
            ProgramIntroduction.Of(program).Send(Console.Out);
            return ExitCode.Success;
        }

        ExamplePrograms.Host(program);
        var isVerbose = args.Contains("--verbose");
        try
        {
            var arguments = HostArguments.Parse(args, RoleEnvironment.IsPlaced);
            if (arguments.Command == HostCommand.Role)
            {
                return await RoleHost.RunAsync(CancellationToken.None);
            }

            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            await RunAsync(arguments, program, stop.Token);
            return ExitCode.Success;

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }
        catch (Exception error)
        {
            var (message, code) = ErrorReport.Describe(error);
            await Console.Error.WriteLineAsync(isVerbose ? $"{program.Name}: {message}\n{error}" : $"{program.Name}: {message}");
            return code;
        }
    }

    private static async Task RunAsync(HostArguments arguments, ITrainingProgram program, CancellationToken stop)
    {
        if (arguments.Command == HostCommand.Help)
        {
            Console.WriteLine(Help(program));
            return;
        }

        var job = JobFile.Read(arguments.JobFile, arguments.Settings);
        if (arguments.Command == HostCommand.Eval)
        {
            Console.WriteLine(await Evaluator.RunAsync(job, arguments.Checkpoint!, stop));
            return;
        }

        var display = new PlainProgress(Console.Out);
        var options = RunOptions.OfThisProgram with
        {
            RunName = arguments.Name,
            ResumeFrom = arguments.Resume,
            Notice = line => Console.Error.WriteLine($"{program.Name}: {line}"),
        };
        var result = arguments.IsLocal
            ? await LocalTrainer.RunAsync(job, options, display, stop)
            : await JobRunner.RunAsync(job, options, display, stop);
        Console.WriteLine(result.Describe());
    }

    private static string Help(ITrainingProgram program)
    {
        var name = Assembly.GetEntryAssembly()?.GetName().Name ?? program.Name;
        return $"""
            {name}: trains '{program.Name}' by TaaS.Engine {ProgramIntroduction.RuntimeVersion}

              {name} job.yaml [--local] [--set FIELD=VALUE]… [--name NAME] [--resume CHECKPOINT]
              {name} eval job.yaml --checkpoint CHECKPOINT [--set FIELD=VALUE]…
              {name} role          one server or worker, placed by TAAS_CONFIG; the default where that is set

              --local              train in this process, with no server
              --set FIELD=VALUE    override a field of the job, such as spec.epochs=5
              --name NAME          name of the run's folder; default: the job's name, numbered
              --resume CHECKPOINT  go on from there
              --verbose            on an error, show the stack as well
            """;
    }
}
