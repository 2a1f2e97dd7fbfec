using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs.Traces;

/// <summary>A trace file and the files it names: one trace, and queues and flavors as they are applied to a cluster.</summary>
internal static class TraceDocuments
{
    public static SimulationTrace Read(string yaml, Func<string, string> open)
    {
        var problems = new List<JobProblem>();
        var parts = new Parts([], []);
        var traces = new List<YamlMappingNode>();
        foreach (var document in Load(yaml, "the trace file"))
        {
            if (Kind(document) == SimulationTrace.Kind)
            {
                traces.Add(document);
            }
            else if (!ReadPart(document, parts, problems))
            {
                problems.Add(new JobProblem("kind", (int)document.Start.Line, $"expected {SimulationTrace.Kind}, {Queue.Kind} or {ResourceFlavor.Kind}, got {(Kind(document) is { Length: > 0 } kind ? kind : "nothing")}"));
            }
        }

        if (traces.Count != 1)
        {
            throw new JobException([.. problems, new JobProblem("", 0, $"the trace file holds {traces.Count} documents of kind {SimulationTrace.Kind}, expected one")]);
        }

        var trace = TraceReader.Read(new YamlFieldMap("", traces[0], problems), out var files);
        foreach (var file in files)
        {
            foreach (var document in Load(open(file), file))
            {
                // What else is applied to a cluster from the same file is no business of a simulation.
                _ = ReadPart(document, parts, problems);
            }
        }

        trace = trace with { Queues = parts.Queues, Flavors = parts.Flavors };
        if (problems.Count == 0)
        {
            problems.AddRange(TraceRules.Check(trace));
        }

        return problems.Count == 0 ? trace : throw new JobException(problems);
    }

    private static bool ReadPart(YamlMappingNode document, Parts parts, List<JobProblem> problems)
    {
        var found = new List<JobProblem>();
        switch (Kind(document))
        {
            case Queue.Kind:
                var queue = QueueReader.ReadQueue(new YamlFieldMap("", document, found));
                parts.Queues.Add(queue);
                found.AddRange(found.Count == 0 ? QueueRules.Check(queue.Spec) : []);
                break;
            case ResourceFlavor.Kind:
                parts.Flavors.Add(QueueReader.ReadFlavor(new YamlFieldMap("", document, found)));
                break;
            default:
                return false;
        }

        problems.AddRange(found.Select(problem => problem with { Path = $"{Kind(document)}: {problem.Path}" }));
        return true;
    }

    private static IEnumerable<YamlMappingNode> Load(string yaml, string what)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents.Count > 0 && stream.Documents.All(static document => document.RootNode is YamlMappingNode)
                ? [.. stream.Documents.Select(static document => (YamlMappingNode)document.RootNode)]
                : throw new JobException([new JobProblem("", 0, $"{what} is empty or holds something that is no map; expected apiVersion, kind, metadata and spec")]);
        }
        catch (YamlException error)
        {
            throw new JobException([new JobProblem("", (int)error.Start.Line, $"{what} is not valid YAML: {error.InnerException?.Message ?? error.Message}")]);
        }
    }

    private static string Kind(YamlMappingNode document) =>
        document.Children.TryGetValue(new YamlScalarNode("kind"), out var kind) ? (kind as YamlScalarNode)?.Value ?? "" : "";

    private sealed record Parts(List<Queue> Queues, List<ResourceFlavor> Flavors);
}
