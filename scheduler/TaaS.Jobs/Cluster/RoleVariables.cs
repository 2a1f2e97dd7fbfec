namespace TaaS.Jobs;

/// <summary>Environment variables that tell a role where its job is, beside its place in <see cref="TaskConfig.EnvironmentVariable"/>: who starts a role sets them, the role reads them.</summary>
public static class RoleVariables
{
    /// <summary>Path of the job file.</summary>
    public const string Job = "TAAS_JOB";

    /// <summary>Folder of the run.</summary>
    public const string Folder = "TAAS_RUN_FOLDER";

    /// <summary>Secret that the roles of a job share.</summary>
    public const string Secret = "TAAS_SECRET";

    /// <summary>File that holds the secret, such as one mounted into a container; instead of <see cref="Secret"/>.</summary>
    public const string SecretFile = "TAAS_SECRET_FILE";

    /// <summary>Where the role shows metrics and health over HTTP, as <c>host:port</c>; port 0 picks a free one. No endpoint without it.</summary>
    public const string Http = "TAAS_HTTP";
}
