using System.CommandLine;
using TaaS.Kubernetes;

namespace TaaS.Cli.Cluster;

/// <summary>Which cluster and namespace, as every command on a cluster takes them.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<FileInfo?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig; default: KUBECONFIG, or ~/.kube/config.", HelpName = "FILE" };
    private readonly Option<string?> _context = new("--context") { Description = "Context in the kubeconfig; default: its current one.", HelpName = "NAME" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace; default: the context's.", HelpName = "NAME" };

    public ClusterOptions(Command command, bool isNamespaced = true)
    {
        command.Add(_kubeconfig);
        command.Add(_context);
        if (isNamespaced)
        {
            command.Add(_namespace);
        }
    }

    /// <summary>Was any of them given?</summary>
    public bool AreGiven(ParseResult parsed) =>
        parsed.GetValue(_kubeconfig) is not null || parsed.GetValue(_context) is not null || parsed.GetValue(_namespace) is not null;

    /// <summary>Opens the way to the cluster that a command line names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fallback">Namespace where the command line names none; null for the context's.</param>
    public ClusterAccess Open(ParseResult parsed, string? fallback = null)
    {
        var connection = ApiConnection.Open(parsed.GetValue(_kubeconfig)?.FullName, parsed.GetValue(_context));
        return new ClusterAccess(connection, parsed.GetValue(_namespace) ?? fallback ?? connection.Namespace);
    }
}
