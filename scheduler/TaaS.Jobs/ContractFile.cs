using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>A file of any number of our objects, one a YAML document, as <c>kubectl apply -f</c> takes it.</summary>
/// <param name="Flavors">Flavors in it.</param>
/// <param name="Queues">Queues in it.</param>
/// <param name="Jobs">Jobs in it.</param>
public sealed record ContractFile(IReadOnlyList<ResourceFlavor> Flavors, IReadOnlyList<Queue> Queues, IReadOnlyList<TrainingJob> Jobs)
{
    /// <summary>Reads all of them, fills in defaults and checks each.</summary>
    /// <exception cref="JobException">No YAML, a kind that is not ours, or anything wrong with one of them; the path begins with its kind and name.</exception>
    public static ContractFile Parse(string yaml)
    {
        var flavors = new List<ResourceFlavor>();
        var queues = new List<Queue>();
        var jobs = new List<TrainingJob>();
        var problems = new List<JobProblem>();
        foreach (var (index, document) in JsonYaml.Load(yaml, "the file").Index())
        {
            if (document.RootNode is not YamlMappingNode root)
            {
                // A comment between two lines of dashes.
                continue;
            }

            try
            {
                switch (Text(root, "kind"))
                {
                    case TrainingJob.Kind:
                        jobs.Add(ContractReader.Read(root, "", JobReader.Read, JobRules.Check));
                        break;
                    case Queue.Kind:
                        queues.Add(ContractReader.Read(root, "", QueueReader.ReadQueue, static queue => QueueRules.Check(queue.Spec)));
                        break;
                    case ResourceFlavor.Kind:
                        flavors.Add(ContractReader.Read(root, "", QueueReader.ReadFlavor, static _ => []));
                        break;
                    default:
                        throw new JobException([new JobProblem("kind", 0, $"expected one of {TrainingJob.Kind}, {Queue.Kind}, {ResourceFlavor.Kind}, got {Text(root, "kind") ?? "nothing"}")]);
                }
            }
            catch (JobException error)
            {
                var name = root.Children.TryGetValue(new YamlScalarNode("metadata"), out var metadata) && metadata is YamlMappingNode map ? Text(map, "name") : null;
                var which = name is null ? $"document {index + 1}" : $"{Text(root, "kind")} {name}";
                problems.AddRange(error.Problems.Select(problem => problem with { Path = problem.Path.Length > 0 ? $"{which}: {problem.Path}" : which }));
            }
        }

        return problems.Count == 0 ? new ContractFile(flavors, queues, jobs) : throw new JobException(problems);
    }

    private static string? Text(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var value) && value is YamlScalarNode { Value.Length: > 0 } text ? text.Value : null;
}
