namespace TaaS.Jobs;

/// <summary>A training job: the same file runs on one machine and, as a custom resource, on a cluster.</summary>
/// <param name="Name">Name of the job: lower-case letters, digits and '-', at most 63 (RFC 1123 label).</param>
/// <param name="Spec">What to run.</param>
public sealed record TrainingJob(string Name, TrainingJobSpec Spec)
{
    /// <summary>Group and version of the file format.</summary>
    public const string ApiVersion = "taas.dev/v1alpha1";

    /// <summary>Kind of the file format.</summary>
    public const string Kind = "TrainingJob";

    /// <summary>Reads a job, applies overrides, fills in defaults and checks all of it.</summary>
    /// <param name="yaml">The job file's text.</param>
    /// <param name="overrides">Settings such as <c>spec.epochs=5</c>; a name with dots is quoted: <c>spec.replicas.worker.resources."nvidia.com/gpu"=1</c>.</param>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static TrainingJob Parse(string yaml, IEnumerable<string>? overrides = null)
    {
        var problems = new List<JobProblem>();
        var root = JobDocument.Load(yaml, overrides ?? []);
        var job = JobReader.Read(new FieldMap("", root, problems));
        if (problems.Count == 0)
        {
            problems.AddRange(JobRules.Check(job));
        }

        return problems.Count == 0 ? job : throw new JobException(problems);
    }

    /// <summary>The job as YAML with all defaults written out; <see cref="Parse"/> gives the same job back.</summary>
    public string ToYaml() => JobWriter.Write(this);
}
