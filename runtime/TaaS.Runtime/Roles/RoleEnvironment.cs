using TaaS.Jobs;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime;

/// <summary>Where a role finds its place and its job: environment variables.</summary>
internal sealed record RoleEnvironment
{
    /// <summary>Checkpoint to go on from.</summary>
    public const string ResumeVariable = "TAAS_RESUME";

    /// <summary>Threads to compute with; read by the CPU device.</summary>
    public const string ThreadsVariable = "TAAS_CPU_THREADS";

    /// <summary><c>1</c> under a supervisor, who speaks through standard input.</summary>
    public const string SupervisedVariable = "TAAS_SUPERVISED";

    /// <summary>True if this process's environment names a role for it.</summary>
    public static bool IsPlaced => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TaskConfig.EnvironmentVariable));

    /// <summary>Place in the cluster.</summary>
    public required TaskConfig Task { get; init; }

    /// <summary>Path of the job file.</summary>
    public required string JobPath { get; init; }

    /// <summary>Folder of the run.</summary>
    public required string Folder { get; init; }

    /// <summary>Secret that the roles of a job share.</summary>
    public required string Secret { get; init; }

    /// <summary>Checkpoint to go on from, or null.</summary>
    public string? Resume { get; init; }

    /// <summary>Threads to compute with.</summary>
    public required int Threads { get; init; }

    /// <summary>True under a supervisor.</summary>
    public bool IsSupervised { get; init; }

    /// <summary>Where the role shows metrics and health over HTTP, or null.</summary>
    public string? Http { get; init; }

    /// <summary>Role and index, such as <c>worker-0</c>.</summary>
    public string RoleName => $"{Task.Task.Type}-{Task.Task.Index}";

    /// <summary>Limits, the secret and the certificates of conversations.</summary>
    /// <exception cref="TrainingException">A certificate cannot be read.</exception>
    public TransportOptions Transport => new() { Secret = Secret, Tls = TlsOptions.FromEnvironment() };

    /// <summary>Reads the variables of this process.</summary>
    /// <exception cref="JobException"><c>TAAS_CONFIG</c> is missing or wrong.</exception>
    /// <exception cref="TrainingException">Another variable is missing.</exception>
    public static RoleEnvironment Read() => new()
    {
        Task = TaskConfig.Parse(Environment.GetEnvironmentVariable(TaskConfig.EnvironmentVariable)),
        JobPath = Require(RoleVariables.Job, "the path of the job file"),
        Folder = Environment.GetEnvironmentVariable(RoleVariables.Folder) ?? Environment.CurrentDirectory,
        Secret = ReadSecret(),
        Resume = Environment.GetEnvironmentVariable(ResumeVariable),
        Threads = Kernels.Cpu.CpuDevice.Threads,
        IsSupervised = Environment.GetEnvironmentVariable(SupervisedVariable) == "1",
        Http = ReadHttp(),
    };

    /// <summary>The variables for a child.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToVariables()
    {
        yield return new(TaskConfig.EnvironmentVariable, Task.ToJson());
        yield return new(RoleVariables.Job, JobPath);
        yield return new(RoleVariables.Folder, Folder);
        yield return new(RoleVariables.Secret, Secret);
        yield return new(ThreadsVariable, Threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
        yield return new(SupervisedVariable, IsSupervised ? "1" : "0");
        if (Http is not null)
        {
            yield return new(RoleVariables.Http, Http);
        }

        if (Resume is not null)
        {
            yield return new(ResumeVariable, Resume);
        }
    }

    // A secret in a file does not show in the listing of a container's environment.
    private static string ReadSecret()
    {
        if (Environment.GetEnvironmentVariable(RoleVariables.SecretFile) is not { Length: > 0 } path)
        {
            return Require(RoleVariables.Secret, "a secret that all roles of the job share");
        }

        try
        {
            var secret = File.ReadAllText(path).Trim();
            return secret.Length > 0 ? secret : throw new TrainingException($"{RoleVariables.SecretFile}: the file {path} is empty; it should hold the secret that all roles of the job share");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{RoleVariables.SecretFile}: {error.Message}", error);
        }
    }

    /// <summary>Where this process is asked to show metrics and health, or null.</summary>
    public static string? ReadHttp() => Environment.GetEnvironmentVariable(RoleVariables.Http) is { Length: > 0 } http ? http : null;

    private static string Require(string variable, string what) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new TrainingException($"the environment variable {variable} is not set; a role needs {what}");
}
