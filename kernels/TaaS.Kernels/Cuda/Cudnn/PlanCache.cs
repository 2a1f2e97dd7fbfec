namespace TaaS.Kernels.Cuda;

/// <summary>What a library needs for a problem, made when the problem is first met and kept until the cache is disposed of; null where the library cannot do it, which is kept too. For one thread at a time.</summary>
internal sealed class PlanCache<TProblem, TPlan>(Func<TProblem, TPlan?> make) : IDisposable
    where TProblem : struct
    where TPlan : class, IDisposable
{
    private readonly Dictionary<TProblem, TPlan?> _plans = [];

    internal TPlan? this[in TProblem problem]
    {
        get
        {
            if (!_plans.TryGetValue(problem, out var plan))
            {
                plan = make(problem);
                _plans.Add(problem, plan);
            }

            return plan;
        }
    }

    public void Dispose()
    {
        foreach (var plan in _plans.Values)
        {
            plan?.Dispose();
        }

        _plans.Clear();
    }
}
