using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using TaaS.Benchmarks.Suites;

namespace TaaS.Benchmarks.Commands;

/// <summary><c>suites</c>: the processor's cases by BenchmarkDotNet.</summary>
internal static class SuitesCommand
{
    internal static Command Create()
    {
        var rest = new Argument<string[]>("arguments") { Description = "Passed to BenchmarkDotNet, such as --filter '*Gemm*' or --list flat." };
        var command = new Command("suites", "The same cases, on the CPU, as BenchmarkDotNet suites.") { rest };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed =>
        {
            string[] passed = [.. parsed.GetValue(rest) ?? [], .. parsed.UnmatchedTokens];
            passed = passed.Length == 0 ? ["--filter", "*"] : passed;

            // A job of the user's takes the place of ours, in this process as well: a child's build would lack libtorch.
            var summaries = passed.Any(argument => argument is "--job" or "-j")
                ? BenchmarkSwitcher.FromTypes(Suite.All).Run([.. passed, "--inProcess"], Suite.Config)
                : BenchmarkSwitcher.FromTypes(Suite.All).Run(passed, Suite.Config.AddJob(Suite.ShortRun));
            return summaries.All(summary => !summary.HasCriticalValidationErrors) ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }
}
