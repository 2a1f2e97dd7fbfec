using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace TaaS.EndToEnd.Tests;

/// <summary>The real command in a process of its own.</summary>
internal sealed class TaasCommand : IDisposable
{
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private TaasCommand(string workingFolder, string[] command, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // These processes live for seconds: what profiling would gain comes too late.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    // Whoever runs the tests in the background hands on that SIGINT is ignored; a user's terminal does not.
    private static string[] Program => ["env", "--default-signal=INT", "dotnet", TaasProgram];

    private static string TaasProgram { get; } = typeof(TaasCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static entry => entry.Key == nameof(TaasProgram)).Value!;

    public static TaasCommand Start(string workingFolder, params string[] arguments) => new(workingFolder, [.. Program, .. arguments]);

    /// <summary>Another program than the command, such as a user's own.</summary>
    public static TaasCommand StartProgram(string workingFolder, string[] command, params (string Name, string Value)[] variables) => new(workingFolder, command, variables);

    /// <summary>The command with variables set, run to its end.</summary>
    public static async Task<CommandResult> RunWithAsync(string workingFolder, (string Name, string Value)[] variables, params string[] arguments)
    {
        using var command = new TaasCommand(workingFolder, [.. Program, .. arguments], variables);
        return await command.WaitAsync(TimeLimit);
    }

    /// <summary>A command whose files can be limited as it runs: <see cref="LimitFiles"/>.</summary>
    public static TaasCommand StartWithLimitableFiles(string workingFolder, params string[] arguments) => new(
        workingFolder,
        // A write beyond the limit shall fail, as on a full disk, not end the process by SIGXFSZ.
        ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", .. Program, .. arguments],
        // The runtime's double mapping of code is a file too, larger than any limit.
        ("DOTNET_EnableWriteXorExecute", "0"));

    /// <summary>A role by itself, as a container starts it.</summary>
    public static TaasCommand StartRole(string workingFolder, params (string Name, string Value)[] variables) => new(workingFolder, [.. Program, "role"], variables);

    /// <summary>The same, run to its end.</summary>
    public static async Task<CommandResult> RunRoleAsync(string workingFolder, params (string Name, string Value)[] variables)
    {
        using var command = StartRole(workingFolder, variables);
        return await command.WaitAsync(TimeLimit);
    }

    public static async Task<CommandResult> RunAsync(string workingFolder, params string[] arguments)
    {
        using var command = Start(workingFolder, arguments);
        return await command.WaitAsync(TimeLimit);
    }

    public static async Task<CommandResult> RunAsync(string workingFolder, (string Name, string Value)[] variables, params string[] arguments)
    {
        using var command = new TaasCommand(workingFolder, [.. Program, .. arguments], variables);
        return await command.WaitAsync(TimeLimit);
    }

    public async Task<CommandResult> WaitAsync(TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the command did not end within {limit}\n--- output\n{_output}\n--- errors\n{_errors}");
        }

        lock (_output)
        {
            return new CommandResult(_process.ExitCode, _output.ToString(), _errors.ToString());
        }
    }

    /// <summary>Waits until a file shows up that holds some text.</summary>
    public Task WaitForFileAsync(string path, string text) => WaitForFileAsync(path, $"'{text}'", content => content.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until a file shows up that has so many lines.</summary>
    public Task WaitForLinesAsync(string path, int lines) => WaitForFileAsync(path, $"{lines} lines", content => content.Count(static c => c == '\n') >= lines);

    private async Task WaitForFileAsync(string path, string what, Predicate<string> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!(File.Exists(path) && holds(ReadShared(path))))
        {
            Assert.False(_process.HasExited, $"the command ended before {path} held {what}\n{_output}\n{_errors}");
            Assert.True(watch.Elapsed < TimeLimit, $"{path} did not hold {what} within {TimeLimit}\n{_output}\n{_errors}");
            await Task.Delay(20);
        }
    }

    /// <summary>What it has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_output)
            {
                return _errors.ToString();
            }
        }
    }

    public void Interrupt() => Signal("INT", _process.Id);

    /// <summary>kill -9 of the role whose TAAS_CONFIG names this type and index.</summary>
    public void KillRole(string type, int index) => Signal("KILL", FindRole(type, index));

    /// <summary>Longest file that the command and its roles can write from now on.</summary>
    public void LimitFiles(int bytes)
    {
        foreach (var id in RoleProcesses().Append(_process.Id))
        {
            using var limit = Process.Start("prlimit", ["--pid", $"{id}", $"--fsize={bytes}"]);
            limit.WaitForExit();
            Assert.True(limit.ExitCode == 0, $"prlimit of process {id} gave {limit.ExitCode}");
        }
    }

    /// <summary>Processes of this command's roles that are still alive.</summary>
    public IReadOnlyList<int> RoleProcesses() =>
        [.. Process.GetProcesses().Where(p => EnvironmentOf(p.Id).Contains("TAAS_CONFIG=", StringComparison.Ordinal) && ParentOf(p.Id) == _process.Id).Select(p => p.Id)];

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private int FindRole(string type, int index) =>
        RoleProcesses().First(id => EnvironmentOf(id) is var environment
            && environment.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal)
            && environment.Contains($"\"index\":{index}", StringComparison.Ordinal));

    private static string EnvironmentOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Replace(" ", "", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended between being listed and being read
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            // pid (name) state ppid ...; the name may hold spaces and brackets.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new StreamReader(file).ReadToEnd();
    }

    private static void Signal(string name, int id)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{id}"]);
        kill.WaitForExit();
    }

    private void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                text.AppendLine(line);
            }
        }
    }
}
