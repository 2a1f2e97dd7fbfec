using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace TaaS.Kernels.Cpu;

/// <summary>
/// Threads that share the parts of one job at a time; the caller takes part. Starting a job allocates nothing.
/// A part is claimed from one word that holds the job's number and the parts left, so a thread that wakes late can never touch another job's parts.
/// </summary>
internal static unsafe class CpuPool
{
    /// <summary>How long an idle worker looks for the next job before it parks: longer than the gap between two kernels of a step.</summary>
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private static readonly AutoResetEvent Finished = new(false);

    private static readonly Lock GrowLock = new();

    private static Worker[] s_workers = [];
    private static int s_threads = DefaultThreads();

    // 1 while a job runs: a second caller, and a job inside a job, runs its parts itself.
    private static int s_busy;

    // High half: number of the job. Low half: parts not yet claimed.
    private static long s_ticket;
    private static delegate*<void*, int, void> s_execute;
    private static void* s_job;
    private static int s_count;
    private static int s_unfinished;
    private static int s_callerParked;
    private static Exception? s_failure;

    /// <summary>Threads that work on a job, the caller among them.</summary>
    internal static int Threads
    {
        get => Volatile.Read(ref s_threads);
        set
        {
            if (value is < 1 or > 1024)
            {
                throw new ArgumentOutOfRangeException(nameof(value), $"cpu: {value} threads asked for; give 1 to 1024");
            }

            Volatile.Write(ref s_threads, value);
        }
    }

    /// <summary>Runs parts 0 to count−1 and returns when all are done.</summary>
    /// <exception cref="Exception">The first exception thrown by a part, after the others have ended.</exception>
    internal static void Run<TJob>(int count, TJob job)
        where TJob : struct, IParallelJob
    {
        if (count <= 1 || Threads == 1 || Interlocked.CompareExchange(ref s_busy, 1, 0) != 0)
        {
            for (var index = 0; index < count; index++)
            {
                job.Execute(index);
            }

            return;
        }

        try
        {
            // The job stays in this frame, which outlives every part, so its address is good on the other threads.
            Publish(&Invoke<TJob>, Unsafe.AsPointer(ref job), count);
            var number = (uint)((ulong)s_ticket >> 32);
            while (TryExecutePart(number))
            {
            }

            AwaitOthers();
            var failure = s_failure;
            if (failure is not null)
            {
                s_failure = null;
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        finally
        {
            Volatile.Write(ref s_busy, 0);
        }
    }

    private static void Invoke<TJob>(void* job, int index)
        where TJob : struct, IParallelJob => Unsafe.AsRef<TJob>(job).Execute(index);

    private static void Publish(delegate*<void*, int, void> execute, void* job, int count)
    {
        var others = Math.Min(Threads, count) - 1;
        if (s_workers.Length < others)
        {
            Grow(others);
        }

        s_execute = execute;
        s_job = job;
        s_count = count;
        s_unfinished = count;
        var number = (uint)((ulong)s_ticket >> 32) + 1;
        Interlocked.Exchange(ref s_ticket, (long)(((ulong)number << 32) | (uint)count));
        var workers = s_workers;
        for (var i = 0; i < others; i++)
        {
            workers[i].Wake();
        }
    }

    /// <summary>Claims a part of the given job and does it; false when none is left.</summary>
    private static bool TryExecutePart(uint number)
    {
        long seen;
        do
        {
            seen = Volatile.Read(ref s_ticket);
            if ((uint)((ulong)seen >> 32) != number || (uint)seen == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref s_ticket, seen - 1, seen) != seen);

        // The job cannot end before this part has, so its fields are stable from here.
        try
        {
            s_execute(s_job, s_count - (int)(uint)seen);
        }
#pragma warning disable CA1031 // Every failure goes to the caller of Run.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref s_failure, exception, null);
        }

        if (Interlocked.Decrement(ref s_unfinished) == 0 && Interlocked.Exchange(ref s_callerParked, 0) == 1)
        {
            Finished.Set();
        }

        return true;
    }

    private static void AwaitOthers()
    {
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref s_unfinished) != 0)
        {
            if (Stopwatch.GetTimestamp() - start < SpinTicks)
            {
                Thread.SpinWait(4);
                continue;
            }

            Interlocked.Exchange(ref s_callerParked, 1);
            if (Volatile.Read(ref s_unfinished) == 0 && Interlocked.Exchange(ref s_callerParked, 0) == 1)
            {
                return;
            }

            // A signal left over from an earlier job only costs another look.
            Finished.WaitOne();
        }
    }

    private static void Grow(int count)
    {
        lock (GrowLock)
        {
            var old = s_workers;
            var grown = new Worker[count];
            old.CopyTo(grown, 0);
            for (var i = old.Length; i < count; i++)
            {
                grown[i] = new Worker(i);
            }

            s_workers = grown;
        }
    }

    private static int DefaultThreads() =>
        int.TryParse(Environment.GetEnvironmentVariable("TAAS_CPU_THREADS"), out var threads) && threads is >= 1 and <= 1024
            ? threads
            : Environment.ProcessorCount;

    /// <summary>A background thread: takes parts, looks for the next job for a moment, then parks.</summary>
#pragma warning disable CA1001 // A worker lives as long as the process, and its event with it.
    private sealed class Worker
#pragma warning restore CA1001
    {
        private readonly int _index;
        private readonly AutoResetEvent _wake = new(false);
        private int _parked;

        internal Worker(int index)
        {
            _index = index;
            new Thread(Loop) { IsBackground = true, Name = $"taas-cpu-{index + 1}" }.Start();
        }

        internal void Wake()
        {
            if (Interlocked.Exchange(ref _parked, 0) == 1)
            {
                _wake.Set();
            }
        }

        private bool HasWork(out uint number)
        {
            var ticket = Volatile.Read(ref s_ticket);
            number = (uint)((ulong)ticket >> 32);
            return (uint)ticket != 0 && _index < Threads - 1;
        }

        private void Loop()
        {
            while (true)
            {
                var idleSince = Stopwatch.GetTimestamp();
                uint number;
                while (!HasWork(out number))
                {
                    if (Stopwatch.GetTimestamp() - idleSince < SpinTicks)
                    {
                        Thread.SpinWait(4);
                    }
                    else
                    {
                        Park();
                        idleSince = Stopwatch.GetTimestamp();
                    }
                }

                while (TryExecutePart(number))
                {
                }
            }
        }

        private void Park()
        {
            Interlocked.Exchange(ref _parked, 1);

            // A job published before the flag was set did not wake us: look once more.
            if (HasWork(out _) && Interlocked.Exchange(ref _parked, 0) == 1)
            {
                return;
            }

            _wake.WaitOne();
        }
    }
}
