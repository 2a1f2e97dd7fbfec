using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>Writes a job with all its defaults.</summary>
internal static class JobWriter
{
    public static string Write(TrainingJob job)
    {
        var spec = job.Spec;
        var root = Map(
            ("apiVersion", Text(TrainingJob.ApiVersion)),
            ("kind", Text(TrainingJob.Kind)),
            ("metadata", Map(("name", Text(job.Name)))),
            ("spec", Map(
                ("queue", Text(spec.Queue)),
                ("priority", Plain(spec.Priority)),
                ("program", WriteProgram(spec.Program)),
                ("strategy", Plain(JobReader.Strategies.Single(strategy => strategy.Value == spec.Strategy).Key)),
                ("update", WriteUpdate(spec.Update)),
                ("epochs", Plain(spec.Epochs)),
                ("batchSize", Plain(spec.BatchSize)),
                ("seed", Plain(spec.Seed)),
                ("device", Text(spec.Device)),
                ("precision", Plain(JobReader.Precisions.Single(precision => precision.Value == spec.Precision).Key)),
                ("lossScale", Plain(spec.LossScale)),
                ("optimizer", WriteOptimizer(spec.Optimizer)),
                ("data", Map(("path", Text(spec.DataPath)))),
                ("output", Map(("path", Text(spec.OutputPath)))),
                ("replicas", Map([.. spec.Replicas.Select(static replica => (replica.Key, (YamlNode)WriteReplica(replica.Value)))])),
                ("checkpoint", Map(("everySteps", Plain(spec.Checkpoint.EverySteps)))),
                ("policy", WritePolicy(spec.Policy)),
                ("suspend", Plain(spec.Suspend ? "true" : "false")))));
        var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private static YamlMappingNode WriteProgram(ProgramSpec program)
    {
        var map = new YamlMappingNode();
        AddIf(map, "example", program.Example);
        AddIf(map, "image", program.Image);
        AddIf(map, "path", program.Path);
        if (program.Command.Count > 0)
        {
            map.Add("command", new YamlSequenceNode(program.Command.Select(Text)));
        }

        return map;
    }

    private static YamlMappingNode WriteUpdate(UpdateSpec update) => Map(
        ("mode", Plain(JobReader.Modes.Single(mode => mode.Value == update.Mode).Key)),
        ("staleness", Plain(update.Staleness)),
        ("backupWorkers", Plain(update.BackupWorkers)),
        ("compression", Plain(update.Compression)),
        ("topkRatio", Plain(update.TopKRatio)));

    private static YamlMappingNode WriteOptimizer(OptimizerSpec optimizer) => Map(
        ("name", Plain(optimizer.Name)),
        ("learningRate", Plain(optimizer.LearningRate)),
        ("schedule", Plain(optimizer.Schedule)),
        ("warmup", Plain(optimizer.Warmup)),
        ("momentum", Plain(optimizer.Momentum)),
        ("nesterov", Plain(optimizer.Nesterov ? "true" : "false")),
        ("weightDecay", Plain(optimizer.WeightDecay)),
        ("beta1", Plain(optimizer.Beta1)),
        ("beta2", Plain(optimizer.Beta2)),
        ("epsilon", Plain(optimizer.Epsilon)));

    private static YamlMappingNode WriteReplica(ReplicaSpec replica)
    {
        var map = Map(("count", Plain(replica.Count)));
        if (replica.Min is { } min)
        {
            map.Add("min", Plain(min));
        }

        if (replica.Max is { } max)
        {
            map.Add("max", Plain(max));
        }

        if (replica.Resources.Count > 0)
        {
            map.Add("resources", Map([.. replica.Resources.Select(static entry => (entry.Key, (YamlNode)Plain(entry.Value.Text)))]));
        }

        if (replica.NodeSelector.Count > 0)
        {
            map.Add("nodeSelector", Map([.. replica.NodeSelector.Select(static entry => (entry.Key, (YamlNode)Text(entry.Value)))]));
        }

        return map;
    }

    private static YamlMappingNode WritePolicy(PolicySpec policy)
    {
        var map = Map(("backoffLimit", Plain(policy.BackoffLimit)), ("success", Plain(policy.Success)), ("gangTimeout", Plain(Duration.Format(policy.GangTimeout))));
        AddIf(map, "activeDeadline", policy.ActiveDeadline is { } deadline ? Duration.Format(deadline) : null);
        AddIf(map, "ttlAfterFinished", policy.TtlAfterFinished is { } ttl ? Duration.Format(ttl) : null);
        return map;
    }

    private static void AddIf(YamlMappingNode map, string key, string? value)
    {
        if (value is not null)
        {
            map.Add(key, Text(value));
        }
    }

    private static YamlMappingNode Map(params (string Key, YamlNode Value)[] fields)
    {
        var map = new YamlMappingNode();
        foreach (var (key, value) in fields)
        {
            map.Add(key, value);
        }

        return map;
    }

    /// <summary>Text that YAML might read as something else is quoted.</summary>
    private static YamlScalarNode Text(string value) =>
        new(value) { Style = value.Length > 0 && value.All(static c => char.IsAsciiLetter(c) || c is '/' or '-' or '_') && value is not ("true" or "false" or "null" or "yes" or "no") ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    private static YamlScalarNode Plain(IFormattable value) => new(value.ToString(null, CultureInfo.InvariantCulture));

    private static YamlScalarNode Plain(string value) => new(value);
}
