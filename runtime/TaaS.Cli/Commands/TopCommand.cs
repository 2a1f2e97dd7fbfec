using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TaaS.Runtime;
using TaaS.Runtime.Observability;

namespace TaaS.Cli.Commands;

/// <summary><c>taas top</c>: where the roles of a run stand, over and over until it ends.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Of a file or a pipe, so that no row is broken.
    private const int PlainWidth = 160;

    // Below, the table loses its borders and what is least needed, so that a terminal of 80 columns shows it.
    private const int WideWidth = 115;

    private static readonly (string Title, bool IsNeeded, Func<RoleRow, string> Text)[] Columns =
    [
        ("role", true, row => row.Role),
        ("state", true, row => row.State),
        ("epoch", false, row => row.Epoch is { } epoch ? $"{epoch}/{row.Epochs}" : ""),
        ("step", true, row => Number(row.Step)),
        ("loss", false, row => row.Loss?.ToString("F4", CultureInfo.InvariantCulture) ?? ""),
        ("images/s", true, row => Number(row.ImagesPerSecond)),
        ("stale", true, row => Number(row.Staleness)),
        ("out/s", true, row => Bytes(row.SentPerSecond)),
        ("in/s", true, row => Bytes(row.ReceivedPerSecond)),
        ("queue", true, row => Number(row.QueueDepth)),
        ("memory", true, row => Bytes(row.MemoryBytes)),
    ];

    // Looks in a row at which nobody answers before a run counts as dead.
    private const int SilentLooks = 3;

    public static Command Create()
    {
        var run = new Argument<string?>("run") { Description = "Folder or name of a run; default: the newest.", Arity = ArgumentArity.ZeroOrOne };
        var runs = new Option<string>("--runs") { Description = "Folder that runs are in.", DefaultValueFactory = _ => "runs" };
        var once = new Option<bool>("--once") { Description = "Print one table and end." };
        var command = new Command("top", "Watch a run: images/s, staleness, bytes/s, queue depth and memory of each role; or of a cluster's nodes.") { run, runs, once, TopNodesCommand.Create() };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(runs), parsed.GetValue(run), parsed.GetValue(once), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string runs, string? name, bool isOnce, CancellationToken cancel)
    {
        var (found, problem) = RunWatch.Find(runs, name);
        if (found is null)
        {
            Console.Error.WriteLine($"taas: {problem}");
            return ExitCode.Usage;
        }

        using var run = found;
        if (run.Result() is { } result)
        {
            return Say(result);
        }

        if (isOnce)
        {
            return Say(await PrintAsync(run, cancel));
        }

        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return Say(await WatchAsync(run, rows => Console.WriteLine(ToLine(rows)), cancel));
        }

        return Say(await AnsiConsole.Live(new Text("asking the roles…")).StartAsync(live => WatchAsync(run, rows => live.UpdateTarget(ToTable(run, rows)), cancel)));
    }

    /// <summary>Prints one table; gives how the run ended where it has.</summary>
    private static async Task<RunEnd?> PrintAsync(RunWatch run, CancellationToken cancel)
    {
        // Speeds need two looks.
        await run.LookAsync(cancel);
        await Task.Delay(Interval, cancel);
        var rows = await run.LookAsync(cancel);
        if (run.End(rows) is { } end)
        {
            return end;
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        AnsiConsole.Write(ToTable(run, rows));
        return null;
    }

    /// <summary>Shows rows over and over until the run has ended, and gives how.</summary>
    private static async Task<RunEnd?> WatchAsync(RunWatch run, Action<IReadOnlyList<RoleRow>> show, CancellationToken cancel)
    {
        // On a busy machine every role may be late to answer once; and a result is written a moment after the last role ended.
        var silent = 0;
        await run.LookAsync(cancel);
        while (true)
        {
            await Task.Delay(Interval, cancel);
            var rows = await run.LookAsync(cancel);
            var end = run.End(rows);
            silent = end is null ? 0 : silent + 1;
            if (end is { IsWhole: true } || silent == SilentLooks)
            {
                return end;
            }

            show(rows);
        }
    }

    private static int Say(RunEnd? end)
    {
        switch (end)
        {
            case { IsWhole: true }:
                Console.WriteLine(end.Line);
                return ExitCode.Success;
            case { }:
                Console.Error.WriteLine($"taas: {end.Line}");
                return ExitCode.Failed;
            default:
                return ExitCode.Success;
        }
    }

    private static Table ToTable(RunWatch run, IReadOnlyList<RoleRow> rows)
    {
        var isNarrow = AnsiConsole.Profile.Width < WideWidth;
        var table = new Table().Border(isNarrow ? TableBorder.None : TableBorder.Rounded).Title(Markup.Escape(run.Name));
        var columns = Columns.Where(column => !isNarrow || column.IsNeeded).ToArray();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column.Title).NoWrap().Padding(isNarrow ? 0 : 1, 0, 1, 0));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(column.Text(row)))]);
        }

        return table;
    }

    private static string ToLine(IReadOnlyList<RoleRow> rows) => string.Join("  |  ", rows.Select(row =>
    {
        string?[] parts =
        [
            row.Role,
            row.State,
            row.Step is { } step ? string.Create(CultureInfo.InvariantCulture, $"step {step}") : null,
            row.ImagesPerSecond is { } speed ? string.Create(CultureInfo.InvariantCulture, $"{speed:F0} images/s") : null,
            row.QueueDepth is { } queue ? string.Create(CultureInfo.InvariantCulture, $"queue {queue}") : null,
        ];
        return string.Join(' ', parts.OfType<string>());
    }));

    private static string Number(double? number) => number?.ToString("F0", CultureInfo.InvariantCulture) ?? "";

    private static string Bytes(double? bytes) => bytes switch
    {
        null => "",
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):F1} GiB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 10):F1} KiB"),
    };
}
