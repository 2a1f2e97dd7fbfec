namespace TaaS.Jobs;

/// <summary>What must hold between fields of queues and flavors.</summary>
internal static class QueueRules
{
    public static IEnumerable<JobProblem> Check(QueueSpec spec)
    {
        foreach (var (index, quota) in spec.Quotas.Index())
        {
            foreach (var (name, resource) in quota.Resources)
            {
                var path = $"spec.quotas[{index}].resources.{(name.Contains('.', StringComparison.Ordinal) ? $"\"{name}\"" : name)}";
                if (spec.Cohort.Length == 0 && (resource.BorrowingLimit ?? resource.LendingLimit) is not null)
                {
                    yield return new JobProblem($"{path}.{(resource.BorrowingLimit is not null ? "borrowingLimit" : "lendingLimit")}", 0, "goes with a cohort only: a queue that stands alone neither borrows nor lends");
                }

                if (resource.LendingLimit is { } lending && lending.Value > resource.Nominal.Value)
                {
                    yield return new JobProblem($"{path}.lendingLimit", 0, $"expected at most the nominal quota of {resource.Nominal}, got {lending}");
                }
            }
        }

        foreach (var (index, user) in spec.AllowedUsers.Index())
        {
            if (user is QueueSpec.GroupPrefix or QueueSpec.NamespacePrefix)
            {
                yield return new JobProblem($"spec.allowedUsers[{index}]", 0, $"expected a name after {user}");
            }
        }
    }
}
