using System.CommandLine;
using TaaS.Benchmarks.Distributed.Commands;

namespace TaaS.Benchmarks.Distributed;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        var (transport, scaling) = (TransportCommand.Create(), ScalingCommand.Create());
        var root = new RootCommand("Measures the distributed runtime.") { transport, scaling, DistributedCommand.Create(transport, scaling), PeerCommand.Create() };
        var parsed = root.Parse(arguments);
        return parsed.Errors.Count > 0
            ? ExitCode.Say($"{parsed.Errors[0].Message} (see ./taas bench {parsed.CommandResult.Command.Name} --help)", ExitCode.Usage)
            : parsed.Invoke();
    }
}
