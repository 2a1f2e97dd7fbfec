using System.Runtime.InteropServices;

namespace TaaS.Runtime;

/// <summary>
/// Tells a role to stop: on a line <c>stop</c> from the process that started it, when that process is gone (end of file), and on SIGTERM.
/// A role that was told and does not end within the limit is ended by force, so that none outlives its parent.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    /// <summary>Exit code of a role ended by force.</summary>
    public const int ForcedExitCode = 9;

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _limit;
    private readonly PosixSignalRegistration[] _registrations;
    private ITimer? _force;

    /// <summary>Begins to listen.</summary>
    /// <param name="commands">Standard input under a supervisor; null where a role runs alone, as in a container.</param>
    /// <param name="limit">Time to end in after being told.</param>
    public StopSignal(TextReader? commands, TimeSpan limit)
    {
        _limit = limit;
        // Ctrl-C reaches every process of the terminal; under a supervisor only its word counts.
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                signal.Cancel = true;
                if (commands is null)
                {
                    Request();
                }
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                Request();
            }),
        ];
        if (commands is not null)
        {
            new Thread(() => Listen(commands)) { IsBackground = true, Name = "stop signal" }.Start();
        }
    }

    /// <summary>Cancelled when the role shall stop.</summary>
    public CancellationToken Token => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _force?.Dispose();
        _stop.Dispose();
    }

    private void Listen(TextReader commands)
    {
        while (commands.ReadLine() is { } line)
        {
            if (line == "stop")
            {
                Request();
            }
        }

        Request();
    }

    private void Request()
    {
        _force ??= TimeProvider.System.CreateTimer(_ => Environment.Exit(ForcedExitCode), null, _limit, Timeout.InfiniteTimeSpan);
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The role has ended already.
        }
    }
}
