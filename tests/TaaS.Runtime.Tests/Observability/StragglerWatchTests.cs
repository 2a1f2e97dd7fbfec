using TaaS.Runtime.Observability;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>Who is a straggler. Lost otherwise: a slow machine that nobody notices, or alarms about workers that only wait.</summary>
public sealed class StragglerWatchTests
{
    private static readonly TimeSpan Ms = TimeSpan.FromMilliseconds(1);

    private readonly FixedTime _time = new();

    [Fact]
    public void Worker_ThreeTimesAsSlow_IsNamedOnceAfterTheStatedTime()
    {
        var watch = new StragglerWatch(3, _time);

        var early = Train(watch, TimeSpan.FromSeconds(9), [100, 110, 330]);
        var late = Train(watch, TimeSpan.FromSeconds(20), [100, 110, 330]);

        Assert.Empty(early);
        var change = Assert.Single(late);
        Assert.True(change is { Worker: 2, IsStraggler: true });
        Assert.Equal(330, change.Own.TotalMilliseconds, 20.0);
        Assert.Equal(105, change.Others.TotalMilliseconds, 20.0);
        Assert.True(watch.IsStraggler(2));
    }

    [Fact]
    public void Worker_ThatGetsFasterAgain_IsNoneAnyMore()
    {
        var watch = new StragglerWatch(2, _time);
        Train(watch, TimeSpan.FromSeconds(20), [100, 300]);
        Assert.True(watch.IsStraggler(1));

        var change = Assert.Single(Train(watch, TimeSpan.FromSeconds(20), [100, 100]));

        Assert.True(change is { Worker: 1, IsStraggler: false });
        Assert.False(watch.IsStraggler(1));
    }

    [Theory]
    [InlineData(100, 180)]
    [InlineData(1, 4)]
    public void Worker_LittleSlower_IsNotNamed(int fast, int slow)
    {
        var watch = new StragglerWatch(2, _time);

        Assert.Empty(Train(watch, TimeSpan.FromSeconds(30), [fast, slow]));
    }

    [Fact]
    public void Worker_ThatStopsInTheMiddle_IsNamedByItsSilence()
    {
        var watch = new StragglerWatch(3, _time);
        Train(watch, TimeSpan.FromSeconds(5), [100, 100, 100]);

        var changes = Train(watch, TimeSpan.FromSeconds(12), [100, 100, 0]);

        Assert.Equal([2], changes.Select(change => change.Worker));
    }

    [Fact]
    public void Worker_ThatEvaluates_IsNotNamed()
    {
        var watch = new StragglerWatch(2, _time);
        Train(watch, TimeSpan.FromSeconds(5), [100, 100]);

        watch.Paused(0);
        watch.Answered(0);
        var changes = Train(watch, TimeSpan.FromSeconds(30), [0, 100]);

        Assert.Empty(changes);
        Assert.Equal(100, watch.StepTimeOf(0).TotalMilliseconds, 1.0);
        Assert.Empty(Train(watch, TimeSpan.FromSeconds(30), [100, 100]));
        Assert.Equal(100, watch.StepTimeOf(0).TotalMilliseconds, 1.0);
    }

    [Fact]
    public void Worker_ThatWaitsForASlowOne_HasItsOwnTime()
    {
        var watch = new StragglerWatch(2, _time);

        // In lockstep: both are answered when the slower has pushed.
        for (var step = 0; step < 30; step++)
        {
            _time.Advance(100 * Ms);
            watch.Pushed(0, step);
            _time.Advance(200 * Ms);
            watch.Pushed(1, step);
            watch.Answered(0);
            watch.Answered(1);
        }

        Assert.Equal(100, watch.StepTimeOf(0).TotalMilliseconds, 1.0);
        Assert.Equal(300, watch.StepTimeOf(1).TotalMilliseconds, 1.0);
    }

    [Fact]
    public void Worker_ThatWasLost_IsNamedNoMore()
    {
        var watch = new StragglerWatch(2, _time);
        Train(watch, TimeSpan.FromSeconds(20), [100, 300]);

        watch.Gone(1);

        Assert.False(watch.IsStraggler(1));
        Assert.Empty(Train(watch, TimeSpan.FromSeconds(20), [100, 0]));
    }

    private readonly Dictionary<StragglerWatch, long[]> _steps = [];

    /// <summary>Lets each worker make steps of a length of its own (0: none) and looks each second, as servers do.</summary>
    private List<PaceChange> Train(StragglerWatch watch, TimeSpan time, int[] stepMs)
    {
        var steps = _steps.TryGetValue(watch, out var known) ? known : _steps[watch] = new long[stepMs.Length];
        var changes = new List<PaceChange>();
        for (var now = 1; now <= time.TotalMilliseconds; now++)
        {
            _time.Advance(Ms);
            for (var worker = 0; worker < stepMs.Length; worker++)
            {
                if (stepMs[worker] > 0 && now % stepMs[worker] == 0)
                {
                    watch.Pushed(worker, steps[worker]++);
                    watch.Answered(worker);
                }
            }

            if (now % 1000 == 0)
            {
                changes.AddRange(watch.Check());
            }
        }

        return changes;
    }
}
