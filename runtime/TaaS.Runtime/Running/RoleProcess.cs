using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TaaS.Jobs;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime;

/// <summary>A role in a process of its own: started, listened to, told to stop, and killed if need be.</summary>
/// <remarks>The child holds our pipe as standard input: a line <c>stop</c> asks it to end, and its end of file means that we are gone.</remarks>
internal sealed class RoleProcess : IDisposable
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly RoleLog _log;
    private readonly ChannelWriter<RoleEvent> _events;
    private Task _watching = System.Threading.Tasks.Task.CompletedTask;

    private RoleProcess(string name, TaskSpec task, Process process, RoleLog log, ChannelWriter<RoleEvent> events) =>
        (Name, Task, _process, _log, _events) = (name, task, process, log, events);

    /// <summary>Role and index, such as <c>worker-0</c>.</summary>
    public string Name { get; }

    /// <summary>Its place in the cluster.</summary>
    public TaskSpec Task { get; }

    /// <summary>True once it was asked to end.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>True once its end was heard of.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Starts a role.</summary>
    /// <param name="name">Role and index.</param>
    /// <param name="task">Its place in the cluster.</param>
    /// <param name="options">Program to start.</param>
    /// <param name="environment">Variables that tell the role its place.</param>
    /// <param name="logPath">File for all that it prints.</param>
    /// <param name="events">Takes its messages and, last, its end.</param>
    /// <exception cref="TrainingException">The program cannot be started.</exception>
    public static RoleProcess Start(string name, TaskSpec task, RunOptions options, IEnumerable<KeyValuePair<string, string>> environment, string logPath, ChannelWriter<RoleEvent> events)
    {
        var start = new ProcessStartInfo(options.RoleExecutable, options.RoleArguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new TrainingException($"cannot start {name} by '{options.RoleExecutable}': {error.Message}", error);
        }

        var log = new RoleLog(logPath, name, LogFormat.OfEnvironment);
        var role = new RoleProcess(name, task, process, log, events);
        role._watching = role.WatchAsync();
        return role;
    }

    /// <summary>Asks the role to end: a worker finishes its step, the chief saves a checkpoint.</summary>
    public void RequestStop()
    {
        IsStopping = true;
        try
        {
            _process.StandardInput.WriteLine("stop");
            _process.StandardInput.Flush();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Ends the role at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The log is written to until the pipes are empty.
        _watching.Wait(CloseLimit);
        _process.Dispose();
        _log.Dispose();
    }

    /// <summary>How a process ended, in words: <c>exit code 3</c>, <c>killed by signal 9</c>.</summary>
    public static string DescribeExit(int code) => code > 128
        ? string.Create(CultureInfo.InvariantCulture, $"killed by signal {code - 128}")
        : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");

    private async Task WatchAsync()
    {
        var error = CopyErrorsAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (RoleMessage.Parse(line) is { } message)
            {
                _log.Write(message);
                _events.TryWrite(new RoleEvent(this, message, null));
            }
            else
            {
                _log.Write(LogLevel.Information, line);
            }
        }

        await error;
        await _process.WaitForExitAsync();
        _log.Write(_process.ExitCode == 0 ? LogLevel.Information : LogLevel.Error, $"ended: {DescribeExit(_process.ExitCode)}");
        _events.TryWrite(new RoleEvent(this, null, _process.ExitCode));
    }

    private async Task CopyErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _log.Write(LogLevel.Warning, line);
        }
    }
}

/// <summary>Something a role said, or its end.</summary>
/// <param name="Role">Which role.</param>
/// <param name="Message">What it said, or null.</param>
/// <param name="ExitCode">How it ended, or null.</param>
internal sealed record RoleEvent(RoleProcess Role, RoleMessage? Message, int? ExitCode);
