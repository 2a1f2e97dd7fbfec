using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>A training job: the same file runs on one machine and, as a custom resource, on a cluster.</summary>
/// <param name="Name">Name of the job: lower-case letters, digits and '-', at most 63, the first a letter (RFC 1035 label); on a cluster its pods' names begin with it.</param>
/// <param name="Spec">What to run.</param>
public sealed record TrainingJob(string Name, TrainingJobSpec Spec)
{
    /// <summary>Group of our kinds.</summary>
    public const string Group = "taas.dev";

    /// <summary>Version of our kinds.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version of the file format.</summary>
    public const string ApiVersion = Group + "/" + Version;

    /// <summary>Kind of the file format.</summary>
    public const string Kind = "TrainingJob";

    /// <summary>Reads a job, applies overrides, fills in defaults and checks all of it.</summary>
    /// <param name="yaml">The job file's text.</param>
    /// <param name="overrides">Settings such as <c>spec.epochs=5</c>; a name with dots is quoted: <c>spec.replicas.worker.resources."nvidia.com/gpu"=1</c>.</param>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static TrainingJob Parse(string yaml, IEnumerable<string>? overrides = null) =>
        ContractReader.Parse(yaml, "the job file", overrides ?? [], JobReader.Read, JobRules.Check);

    /// <summary>Reads the spec of a custom resource as <see cref="Parse"/> reads a file's: the same fields, defaults and rules.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="spec">Its <c>spec</c>.</param>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static TrainingJob FromSpec(string name, JsonElement spec) =>
        ContractReader.Spec(spec, map => new TrainingJob(name, JobReader.ReadSpec(map)), JobRules.Check);

    /// <summary>Reads a custom resource, whatever else the API server wrote into its metadata and beside its spec.</summary>
    /// <exception cref="JobException">No name, or anything wrong with the spec.</exception>
    public static TrainingJob FromResource(JsonElement resource) => FromSpec(ResourceJson.Name(resource), ResourceJson.Spec(resource));

    /// <summary>The job as YAML with all defaults written out; <see cref="Parse"/> gives the same job back.</summary>
    public string ToYaml() => JsonYaml.Write(JobWriter.Write(this));

    /// <summary>The same as a JSON object, as an API server takes it.</summary>
    public JsonObject ToJson() => JobWriter.Write(this);
}
