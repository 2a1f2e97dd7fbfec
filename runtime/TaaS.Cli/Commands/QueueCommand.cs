using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas queue ls</c>: the queues of a cluster, their quota and what is used of it.</summary>
internal static class QueueCommand
{
    public static Command Create()
    {
        var list = new Command("ls", "Show queues: jobs that wait and run, quota and what is used of it.");
        var cluster = new ClusterOptions(list, isNamespaced: false);
        var output = new Output(list);
        list.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var queues = await access.Client.ListAsync(ResourceKinds.Queues, null, cancel: cancel);
            QueueRow[] rows = [.. queues.Items.OrderBy(static queue => queue.Metadata.Name, StringComparer.Ordinal).Select(QueueRow.Of)];
            output.Write(parsed, new JsonObject { ["queues"] = new JsonArray([.. rows.Select(static row => (JsonNode)row.ToJson())]) }, () => Show(rows));
            return ExitCode.Success;
        });
        return new Command("queue", "The queues of a cluster.") { list };
    }

    private static void Show(QueueRow[] rows)
    {
        if (rows.Length == 0)
        {
            Console.Error.WriteLine("taas: there are no queues; scheduler/deploy/starter holds some to begin with");
            return;
        }

        var table = Output.Table("NAME", "COHORT", "WEIGHT", "WAITING", "RUNNING", "STATE", "FLAVOR", "USED/QUOTA");
        foreach (var row in rows)
        {
            string[] first = [row.Name, row.Spec?.Cohort ?? "", row.Spec?.Weight.ToString(CultureInfo.InvariantCulture) ?? "", Number(row.Status.Waiting), Number(row.Status.Running), row.State];
            var flavors = row.Uses.GroupBy(static use => use.Flavor).ToArray();
            if (flavors.Length == 0)
            {
                Output.Row(table, [.. first, "", ""]);
            }

            foreach (var (index, flavor) in flavors.Index())
            {
                Output.Row(table, [.. index == 0 ? first : Enumerable.Repeat("", first.Length), flavor.Key, string.Join(", ", flavor)]);
            }
        }

        Output.Show(table);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record QueueRow(string Name, QueueSpec? Spec, QueueStatus Status, string State, IReadOnlyList<QuotaUse> Uses)
    {
        public static QueueRow Of(QueueResource resource)
        {
            var status = resource.ReadStatus();
            try
            {
                var queue = resource.Read();
                var inactive = status.Conditions.FirstOrDefault(static condition => condition is { Type: ConditionType.Active, Status: ConditionStatus.False });
                var over = status.Conditions.FirstOrDefault(static condition => condition is { Type: ConditionType.OverQuota, Status: ConditionStatus.True });
                var state = queue.Spec.Hold ? "on hold" : inactive?.Reason ?? over?.Reason ?? "active";
                return new QueueRow(queue.Name, queue.Spec, status, state, QuotaUse.Of(queue, status));
            }
            catch (JobException error)
            {
                return new QueueRow(resource.Metadata.Name, null, status, $"{Reason.InvalidSpec}: {error.Message}", []);
            }
        }

        public JsonObject ToJson() => new()
        {
            ["name"] = Name,
            ["cohort"] = Spec?.Cohort,
            ["weight"] = Spec?.Weight,
            ["waiting"] = Status.Waiting,
            ["running"] = Status.Running,
            ["state"] = State,
            ["quotas"] = new JsonArray([.. Uses.Select(static use => (JsonNode)use.ToJson())]),
        };
    }
}
