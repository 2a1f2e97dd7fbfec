using System.CommandLine;
using TaaS.Benchmarks.Commands;

namespace TaaS.Benchmarks;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Measures the kernels beside their peers. The distributed runtime: bench transport, bench scaling, bench distributed (both).") { KernelsCommand.Create(), SuitesCommand.Create() };
        var parsed = root.Parse(arguments);
        return parsed.Errors.Count > 0
            ? ExitCode.Say($"{parsed.Errors[0].Message} (see ./taas bench --help)", ExitCode.Usage)
            : parsed.Invoke();
    }
}
