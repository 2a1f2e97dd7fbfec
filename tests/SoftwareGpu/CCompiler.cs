using System.Diagnostics;

namespace TaaS.SoftwareGpu;

/// <summary>The machine's C compiler, which makes libraries for tests.</summary>
internal static class CCompiler
{
    private static readonly Lazy<string?> LazyCommand = new(Find);

    /// <summary>Whether there is one.</summary>
    public static bool IsHere => LazyCommand.Value is not null;

    /// <summary>Makes a shared library of sources. Floats are computed as they stand: no product is fused with a sum.</summary>
    public static void BuildLibrary(string file, IEnumerable<string> sources, string options = "")
    {
        var (code, errors) = Run(LazyCommand.Value!, $"-D_GNU_SOURCE -O2 -fwrapv -ffp-contract=off -march=native -shared -fPIC -Wl,-Bsymbolic {options} -o \"{file}\" {string.Join(' ', sources.Select(source => $"\"{source}\""))} -lm -lpthread");
        if (code != 0)
        {
            throw new InvalidOperationException($"{Path.GetFileName(file)} does not compile: {errors}");
        }
    }

    private static string? Find()
    {
        foreach (var name in (string[])["cc", "gcc"])
        {
            try
            {
                if (Run(name, "--version").Code == 0)
                {
                    return name;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not on this machine; the next name may be.
            }
        }

        return null;
    }

    private static (int Code, string Errors) Run(string command, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result;
        return (process.ExitCode, errors);
    }
}
