using Microsoft.Extensions.Logging;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>The process around the operator: connection, HTTP endpoints, webhook.</summary>
internal static class OperatorHost
{
    /// <summary>Runs until stopped, or until the lead is lost.</summary>
    /// <returns>False where the lead was lost.</returns>
    public static async Task<bool> RunAsync(OperatorOptions options, ILogger logger, TimeProvider time, CancellationToken cancel)
    {
        using var connection = ApiConnection.Open(options.Kubeconfig);
        var client = new ApiClient(connection);
        var log = new OperatorLog(logger);
        await using var webhook = options.WebhookPort > 0 ? await AdmissionServer.StartAsync(options, client, log, time, cancel).ConfigureAwait(false) : null;
        var process = new OperatorProcess(options, client, logger, time) { StampKey = webhook?.StampKey };
        await using var endpoints = options.MetricsPort > 0 ? await HttpEndpoints.StartAsync(options.MetricsPort, process, cancel).ConfigureAwait(false) : null;
        await GreetAsync(client, log, cancel).ConfigureAwait(false);
        return await process.RunAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>A failure in one line.</summary>
    public static string Describe(Exception error) => error switch
    {
        ApiConfigurationException or ApiException or OptionException or IOException => error.Message.ReplaceLineEndings(" "),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => $"defect: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}; please report it with the stack that --verbose shows",
    };

    // A server that is away is waited for; one line says so.
    private static async Task GreetAsync(ApiClient client, OperatorLog log, CancellationToken cancel)
    {
        try
        {
            var version = await client.VersionAsync(cancel).ConfigureAwait(false);
            log.Connected(client.Connection.Host, version);
        }
        catch (ApiException error)
        {
            log.Trouble("API server", error.Message);
        }
    }
}
