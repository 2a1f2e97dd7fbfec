using System.CommandLine;
using TaaS.Cli;
using TaaS.Cli.Commands;

var verbose = new Option<bool>("--verbose") { Description = "On an error, show the stack as well.", Recursive = true };
var root = new RootCommand("TaaS.Engine: trains models on this machine in parameter-server and worker processes.")
{
    TrainCommand.Create(),
    EvalCommand.Create(),
    DoctorCommand.Create(),
    RoleCommand.Create(),
    verbose,
};
root.Add(new Command("test", "Build and run every test (run by the launcher ./taas)."));
root.Add(new Command("bench", "Benchmark kernels beside peers (run by the launcher ./taas): bench kernels [--filter conv]."));

var result = root.Parse(args);
if (result.Errors.Count > 0)
{
    Console.Error.WriteLine($"taas: {result.Errors[0].Message} Try 'taas --help'.");
    return ExitCode.Usage;
}

try
{
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
    return await result.InvokeAsync(configuration);
}
catch (Exception error) when (ErrorReport.TryDescribe(error, out var message, out var code))
{
    Console.Error.WriteLine($"taas: {message}");
    if (result.GetValue(verbose))
    {
        Console.Error.WriteLine(error);
    }

    return code;
}
