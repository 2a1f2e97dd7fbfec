using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>
/// Lets one replica act: the holder of a Lease, who renews it. Another takes it when it has seen no renewal for the lease's time by its own clock,
/// so that clocks need not agree. A holder that cannot renew in time stops before anyone else may start.
/// </summary>
internal sealed class LeaderElection
{
    /// <summary>Name of the Lease.</summary>
    public const string LeaseName = "taas-operator";

    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);

    private readonly ApiClient _client;
    private readonly string _space;
    private readonly string _identity;
    private readonly OperatorLog _log;
    private readonly TimeProvider _time;
    private V1Lease? _seen;
    private string _seenRecord = "";
    private long _seenAt;

    public LeaderElection(ApiClient client, string space, string identity, OperatorLog log, TimeProvider time) =>
        (_client, _space, _identity, _log, _time) = (client, space, identity, log, time);

    /// <summary>Waits until this replica leads.</summary>
    public async Task AcquireAsync(CancellationToken cancel)
    {
        string? leader = null;
        while (!await TryAsync(cancel).ConfigureAwait(false))
        {
            if (_seen?.Spec.HolderIdentity is { } holder && holder != leader)
            {
                leader = holder;
                _log.Waits(holder);
            }

            await Task.Delay(RetryPeriod, _time, cancel).ConfigureAwait(false);
        }

        _log.Leads(_identity);
    }

    /// <summary>Renews the lease; ends when it is lost, or could not be renewed in time.</summary>
    public async Task KeepAsync(CancellationToken cancel)
    {
        var renewed = _time.GetTimestamp();
        while (true)
        {
            await Task.Delay(RetryPeriod, _time, cancel).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            using var timer = _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, Left(), Timeout.InfiniteTimeSpan);
            try
            {
                if (await TryAsync(limit.Token).ConfigureAwait(false))
                {
                    renewed = _time.GetTimestamp();
                    continue;
                }

                if (_seen?.Spec.HolderIdentity is { Length: > 0 } holder && holder != _identity)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return;
            }

            if (Left() <= TimeSpan.Zero)
            {
                return;
            }
        }

        TimeSpan Left()
        {
            var left = RenewDeadline - _time.GetElapsedTime(renewed);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Gives the lease back, so that the next need not wait.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        if (_seen is not { } lease || lease.Spec.HolderIdentity != _identity)
        {
            return;
        }

        lease.Spec.HolderIdentity = "";
        lease.Spec.LeaseDurationSeconds = 1;
        lease.Spec.RenewTime = _time.GetUtcNow().UtcDateTime;
        try
        {
            await _client.ReplaceAsync(ResourceKinds.Leases, lease, cancel).ConfigureAwait(false);
        }
        catch (ApiException)
        {
            // It runs out by itself.
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancel)
    {
        try
        {
            var lease = await _client.FindAsync(ResourceKinds.Leases, _space, LeaseName, cancel).ConfigureAwait(false);
            if (lease is null)
            {
                Observe(await _client.CreateAsync(ResourceKinds.Leases, New(), cancel).ConfigureAwait(false));
                return true;
            }

            Observe(lease);
            var isOurs = lease.Spec?.HolderIdentity == _identity;
            var duration = TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? 0);
            if (!isOurs && !string.IsNullOrEmpty(lease.Spec?.HolderIdentity) && _time.GetElapsedTime(_seenAt) < duration)
            {
                return false;
            }

            Observe(await _client.ReplaceAsync(ResourceKinds.Leases, Take(lease, isOurs), cancel).ConfigureAwait(false));
            return true;
        }
        catch (ApiException error)
        {
            if (error.Failure is not (ApiFailure.Conflict or ApiFailure.AlreadyExists))
            {
                _log.LeaseFailed(error.Message);
            }

            if (error.Failure == ApiFailure.Unauthorized)
            {
                Renew();
            }

            return false;
        }
    }

    private void Renew()
    {
        try
        {
            _client.Connection.Reload();
        }
        catch (ApiConfigurationException error)
        {
            _log.LeaseFailed(error.Message);
        }
    }

    /// <summary>A record that has changed is a sign of life, from when we saw it.</summary>
    private void Observe(V1Lease lease)
    {
        var record = $"{lease.Spec?.HolderIdentity} {lease.Metadata.ResourceVersion}";
        if (record != _seenRecord)
        {
            (_seenRecord, _seenAt) = (record, _time.GetTimestamp());
        }

        _seen = lease;
    }

    private V1Lease New() => new()
    {
        ApiVersion = "coordination.k8s.io/v1",
        Kind = "Lease",
        Metadata = new V1ObjectMeta { Name = LeaseName, NamespaceProperty = _space },
        Spec = Fill(new V1LeaseSpec { AcquireTime = _time.GetUtcNow().UtcDateTime, LeaseTransitions = 0 }),
    };

    private V1Lease Take(V1Lease lease, bool isOurs)
    {
        lease.Spec ??= new V1LeaseSpec();
        if (!isOurs)
        {
            lease.Spec.AcquireTime = _time.GetUtcNow().UtcDateTime;
            lease.Spec.LeaseTransitions = (lease.Spec.LeaseTransitions ?? 0) + 1;
        }

        Fill(lease.Spec);
        return lease;
    }

    private V1LeaseSpec Fill(V1LeaseSpec spec)
    {
        spec.HolderIdentity = _identity;
        spec.LeaseDurationSeconds = (int)LeaseTime.TotalSeconds;
        spec.RenewTime = _time.GetUtcNow().UtcDateTime;
        return spec;
    }
}
