using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>Integrates what one queue holds of the cluster.</summary>
/// <param name="entitled">Share of the cluster that it may count on.</param>
internal sealed class QueueMeter(double entitled)
{
    private ResourceList _held = ResourceList.Empty;
    private bool _isActive;
    private bool _wants;
    private double _share;
    private double _activeSeconds;
    private double _shareActive;
    private double _shareWanted;

    public double Entitled => entitled;

    /// <summary>For how long it had jobs that waited.</summary>
    public double WantedSeconds { get; private set; }

    public double ShareWhileActive => _activeSeconds > 0 ? _shareActive / _activeSeconds : 0;

    public double ShareWhileWanting => WantedSeconds > 0 ? _shareWanted / WantedSeconds : 0;

    public void Clear() => (_held, _isActive, _wants) = (ResourceList.Empty, false, false);

    public void Add(GangRun gang)
    {
        _held = _held.Plus(gang.Held);
        _isActive = true;
        _wants |= gang.State == GangState.Waiting;
    }

    public void Read(ResourceList capacity) => _share = Entitlement.DominantShare(_held.Amounts, capacity);

    public void Advance(double seconds)
    {
        _activeSeconds += _isActive ? seconds : 0;
        _shareActive += _isActive ? _share * seconds : 0;
        WantedSeconds += _wants ? seconds : 0;
        _shareWanted += _wants ? _share * seconds : 0;
    }
}
