using System.CommandLine;
using System.CommandLine.Parsing;
using TaaS.Cli.Cluster;
using TaaS.Cli.Commands;
using TaaS.Runtime;

var verbose = new Option<bool>("--verbose") { Description = "On an error, show the stack as well.", Recursive = true };
var root = new RootCommand("TaaS.Engine: trains models in parameter-server and worker processes, on this machine or on a cluster.")
{
    TrainCommand.Create(),
    EvalCommand.Create(),
    ScaleCommand.Create(),
    TopCommand.Create(),
    DoctorCommand.Create(),
    SubmitCommand.Create(),
    GetCommand.Create(),
    WhyCommand.Create(),
    LogsCommand.Create(),
    SuspendCommand.Suspend(),
    SuspendCommand.Resume(),
    DeleteCommand.Create(),
    QueueCommand.Create(),
    SimCommand.Create(),
    RoleCommand.Create(),
    verbose,
};
root.Add(LauncherCommand.Create("test", "Build and run every test."));
root.Add(LauncherCommand.Create("pack", "Make NuGet packages of the libraries, in artifacts/packages."));
root.Add(LauncherCommand.Create("image", "Build the container image: image [--cuda] [--base IMAGE] [--archive FILE]."));
root.Add(LauncherCommand.Create("bench", "Benchmark kernels beside peers: bench kernels [--filter conv]."));

var result = root.Parse(args);
if (result.Errors.Count > 0)
{
    // An unknown option may have been taken for a value, so that the next word is the one too many; and a word that is no command says
    // more than the command that is then missing.
    var option = result.Tokens.FirstOrDefault(static token => token.Type == TokenType.Argument && token.Value is ['-', > '9', ..] or ['-', '-', ..])?.Value;
    var word = option ?? (result.UnmatchedTokens.Count > 0 ? result.UnmatchedTokens[0] : null);
    var first = word is null ? result.Errors[0].Message : $"'{word}' is no command or option here.";
    Console.Error.WriteLine($"taas: {string.Join(' ', first.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))} Try 'taas --help'.");
    return ExitCode.Usage;
}

try
{
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
    return await result.InvokeAsync(configuration);
}
catch (Exception error)
{
    var (message, code) = ClusterError.Describe(error) ?? ErrorReport.Describe(error);
    Console.Error.WriteLine($"taas: {message}");
    if (result.GetValue(verbose))
    {
        Console.Error.WriteLine(error);
    }

    return code;
}
