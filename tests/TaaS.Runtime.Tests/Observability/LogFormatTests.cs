using Microsoft.Extensions.Logging;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>Lines of logs. Lost otherwise: whoever searches and collects them.</summary>
public sealed class LogFormatTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 11, 25, 7, 0, 0, 120, TimeSpan.FromHours(1));

    private readonly string _folder = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Line_ForPeople_Golden()
    {
        var format = new LogFormat(isJson: false);

        Assert.Equal("2026-11-25T06:00:00.120Z info worker-1 step 120: worker 0 is here", format.Line(Time, LogLevel.Information, "worker-1", 120, "worker 0 is here"));
        Assert.Equal("2026-11-25T06:00:00.120Z warn ps-0: slow", format.Line(Time, LogLevel.Warning, "ps-0", null, "slow"));
    }

    [Fact]
    public void Line_ForPrograms_Golden()
    {
        var format = new LogFormat(isJson: true);

        Assert.Equal(
            """{"time":"2026-11-25T06:00:00.120Z","level":"error","role":"worker-1","step":120,"message":"a \"ü\"\nb"}""",
            format.Line(Time, LogLevel.Error, "worker-1", 120, "a \"ü\"\nb"));
        Assert.Equal("""{"time":"2026-11-25T06:00:00.120Z","level":"info","role":"ps-0","message":"x"}""", format.Line(Time, LogLevel.Information, "ps-0", null, "x"));
    }

    [Fact]
    public void Log_OfARole_KeepsTheStepAndWhatAnEarlierStartWrote()
    {
        var path = Path.Combine(_folder, "worker-0.log");
        for (var start = 0; start < 2; start++)
        {
            using var log = new RoleLog(path, "worker-0", new LogFormat(isJson: false));
            log.Write(new RoleMessage { Kind = RoleMessageKind.Progress, Progress = new TrainingProgress("worker-0", 2, 3, 5, 100, 0.5, 10, TimeSpan.Zero) });
            log.Write(LogLevel.Warning, "said on standard error");
            log.Write(new RoleMessage { Kind = RoleMessageKind.Failed, Error = "no data" });
        }

        var lines = File.ReadAllLines(path).Select(line => line[25..]).ToArray();
        Assert.Equal(
            ["info worker-0 step 105: epoch 2/3  step 5/100  loss 0.5000  10 images/s  left 0:00", "warn worker-0 step 105: said on standard error", "error worker-0 step 105: failed: no data"],
            lines[..3]);
        Assert.Equal(lines[..3], lines[3..]);
    }

    [Fact]
    public void Logger_UnderASupervisor_SpeaksItsProtocol()
    {
        var output = new StringWriter();
        var log = new RoleLogger(RoleReporter.ToSupervisor(output).Send);
        log.Server("before");
        log.Step(7, samples: 1);
        log.Summaries("after");

        var messages = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => RoleMessage.Parse(line)!).ToArray();

        Assert.Equal(
            [(RoleMessageKind.Log, LogLevel.Information, null, "before"), (RoleMessageKind.Log, LogLevel.Warning, 7L, "after")],
            messages.Select(message => (message.Kind, message.Level!.Value, message.Step, message.Text!)));
    }

    /// <summary>A container's log is for people, too.</summary>
    [Fact]
    public void Reporter_Alone_WritesWhatHappensAsLines()
    {
        var output = new StringWriter();
        var reporter = RoleReporter.ToLog("worker-0", output, new LogFormat(isJson: false));
        reporter.Send(new RoleMessage { Kind = RoleMessageKind.Listening, Address = "node:1" });
        reporter.Report(new TrainingProgress("worker-0", 2, 3, 5, 100, 0.5, 10, TimeSpan.Zero));
        reporter.Send(new RoleMessage { Kind = RoleMessageKind.Notice, Text = "slow" });

        Assert.Equal(
            ["info worker-0: listens at node:1", "info worker-0 step 105: epoch 2/3  step 5/100  loss 0.5000  10 images/s  left 0:00", "warn worker-0: slow"],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[25..]));
    }

    [Fact]
    public void Logger_Alone_WritesLines()
    {
        var output = new StringWriter();
        new RoleLogger(RoleReporter.ToLog("ps-0", output, new LogFormat(isJson: false)).Send).KeepsUp(1, 110, 105);

        Assert.EndsWith("info ps-0: worker-1 keeps up again: 110 ms a step of its own, where the others need 105 ms", output.ToString().Trim(), StringComparison.Ordinal);
    }
}
