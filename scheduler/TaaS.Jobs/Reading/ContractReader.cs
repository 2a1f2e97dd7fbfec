using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>Reads one of our kinds out of a file or an API server's answer: the same fields, rules and words for both.</summary>
internal static class ContractReader
{
    /// <summary>Reads a file.</summary>
    public static T Parse<T>(string yaml, string what, IEnumerable<string> overrides, Func<FieldMap, T> read, Func<T, IEnumerable<JobProblem>> check) =>
        Read(JobDocument.Load(yaml, what, overrides), "", read, check);

    /// <summary>Reads the spec of a custom resource; what stands beside it is the API server's and passed over.</summary>
    public static T Spec<T>(JsonElement spec, Func<FieldMap, T> read, Func<T, IEnumerable<JobProblem>> check) =>
        JsonYaml.ToYaml(spec) is YamlMappingNode map ? Read(map, "spec", read, check) : throw new JobException([new JobProblem("spec", 0, "is missing, expected a map")]);

    /// <summary>Reads a map of fields; the path is that of the map.</summary>
    public static T Read<T>(YamlMappingNode root, string path, Func<FieldMap, T> read, Func<T, IEnumerable<JobProblem>> check)
    {
        var problems = new List<JobProblem>();
        var value = read(new YamlFieldMap(path, root, problems));
        if (problems.Count == 0)
        {
            problems.AddRange(check(value));
        }

        return problems.Count == 0 ? value : throw new JobException(problems);
    }
}
