using System.Runtime.ExceptionServices;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>A worker's blocking code under the simulation's clock: it runs only while it is resumed, until it waits or ends. One thread runs at a time.</summary>
internal sealed class SimulatedThread : IDisposable
{
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _back = new(0);
    private readonly Thread _thread;
    private bool _isKilled;
    private ExceptionDispatchInfo? _error;

    public SimulatedThread(Action body)
    {
        _thread = new Thread(() => Run(body), maxStackSize: 256 * 1024) { IsBackground = true };
        _thread.Start();
    }

    public bool IsEnded { get; private set; }

    /// <summary>What the body waits for; null while it may run.</summary>
    public Func<bool>? Until { get; private set; }

    /// <summary>Runs the body to its next wait; rethrows what ended it.</summary>
    public void Resume()
    {
        Until = null;
        _go.Release();
        if (!_back.Wait(HandOver))
        {
            throw new TimeoutException("a simulated role ran for a minute without waiting");
        }

        _error?.Throw();
    }

    /// <summary>Ends the body at its wait, as kill -9 would: nothing of it runs any more.</summary>
    public void Dispose()
    {
        if (!IsEnded)
        {
            _isKilled = true;
            Resume();
        }

        _thread.Join();
        _go.Dispose();
        _back.Dispose();
    }

    /// <summary>Called by the body: gives control back until the condition holds.</summary>
    public void WaitUntil(Func<bool> until)
    {
        // Nothing that a killed body does on its way out happens.
        while (_isKilled || !until())
        {
            if (_isKilled)
            {
                throw new KilledException();
            }

            Until = until;
            _back.Release();
            _go.Wait();
        }
    }

    private void Run(Action body)
    {
        _go.Wait();
        try
        {
            if (!_isKilled)
            {
                body();
            }
        }
        catch (KilledException)
        {
            // As ordered.
        }
        catch (Exception error)
        {
            _error = ExceptionDispatchInfo.Capture(error);
        }

        IsEnded = true;
        _back.Release();
    }

    private sealed class KilledException : Exception;
}
