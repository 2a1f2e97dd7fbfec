using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Cluster;

/// <summary>Turns what goes wrong between here and a cluster into the line a user reads.</summary>
internal static class ClusterError
{
    /// <summary>What to say and how to end; null for an error of another kind.</summary>
    public static (string Message, int Code)? Describe(Exception error) => error switch
    {
        ClusterException known => (known.Message, known.ExitCode),
        ApiConfigurationException => (error.Message, ExitCode.Usage),
        ApiException api => (Describe(api), ExitCode.Failed),
        _ => null,
    };

    private static string Describe(ApiException error)
    {
        var message = error.Message.ReplaceLineEndings(" ");
        return error.Failure switch
        {
            ApiFailure.Unauthorized => $"{message}; the credentials of the kubeconfig are missing, wrong or have expired: log in again, or name another with --kubeconfig or --context",
            ApiFailure.Forbidden => $"{message}; ask an administrator of the cluster for the right",
            // An object that is not there is told by the command that asked for it: what is missing here is the kind.
            ApiFailure.NotFound when message.Contains(TrainingJob.Group, StringComparison.Ordinal) && !message.Contains("namespaces", StringComparison.Ordinal) =>
                $"{message}; the cluster does not know the kinds of {TrainingJob.Group}: apply scheduler/deploy first (kubectl apply -k scheduler/deploy)",
            _ => message,
        };
    }
}
