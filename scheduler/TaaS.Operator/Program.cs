using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TaaS.Kubernetes;
using TaaS.Operator;

const int Failed = 1;
const int Usage = 2;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(OptionReader.Help);
    return 0;
}

if (args.Contains("--version"))
{
    Console.WriteLine(typeof(OperatorProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);
    return 0;
}

OperatorOptions options;
try
{
    options = OptionReader.Read(args, Environment.GetEnvironmentVariable);
}
catch (OptionException error)
{
    Console.Error.WriteLine($"taas-operator: {error.Message}");
    return Usage;
}

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var logging = LoggerFactory.Create(static builder => builder.AddSimpleConsole(static console =>
{
    console.SingleLine = true;
    console.UseUtcTimestamp = true;
    console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
}));
try
{
    return await OperatorHost.RunAsync(options, logging.CreateLogger("taas-operator"), TimeProvider.System, stop.Token) ? 0 : Failed;
}
catch (Exception error)
{
    Console.Error.WriteLine($"taas-operator: {OperatorHost.Describe(error)}");
    if (options.Verbose)
    {
        Console.Error.WriteLine(error);
    }

    return error is ApiConfigurationException ? Usage : Failed;
}

void Stop(PosixSignalContext context)
{
    // The lease is given back and what is under way is ended first.
    context.Cancel = true;
    stop.Cancel();
}
