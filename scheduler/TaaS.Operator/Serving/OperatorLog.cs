using Microsoft.Extensions.Logging;

namespace TaaS.Operator;

/// <summary>All that the operator logs.</summary>
internal sealed partial class OperatorLog
{
    private readonly ILogger _logger;

    public OperatorLog(ILogger logger) => _logger = logger;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Space}/{Job}: admitted, {Pods} pods")]
    public partial void Admitted(string space, string job, int pods);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Space}/{Job}: stopped for another job: {Why}")]
    public partial void Preempted(string space, string job, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a scheduling pass could not be written: {Why}")]
    public partial void PassFailed(string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "a scheduling pass broke; the next is tried in 5 s")]
    public partial void PassBroke(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "queue {Queue}: its status could not be written: {Why}")]
    public partial void QueueStatusFailed(string queue, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "job {Uid}: {Why}; tried again")]
    public partial void JobFailed(string uid, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "job {Uid}: broke; tried again")]
    public partial void JobBroke(string uid, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind}: {Why}")]
    public partial void Trouble(string kind, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Kind}: all is well again")]
    public partial void TroubleOver(string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads")]
    public partial void Leads(string identity);

    [LoggerMessage(Level = LogLevel.Information, Message = "waiting: {Leader} leads")]
    public partial void Waits(string leader);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the lease could not be asked for: {Why}")]
    public partial void LeaseFailed(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "the cluster is known: {Nodes} nodes, {Pods} pods, {Queues} queues, {Jobs} jobs")]
    public partial void Synced(int nodes, int pods, int queues, int jobs);

    [LoggerMessage(Level = LogLevel.Information, Message = "API server {Host}, version {Version}")]
    public partial void Connected(string host, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "the cluster had no queue: {Flavors} flavors and {Queues} queues made from {Folder}")]
    public partial void Started(int flavors, int queues, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "queues and flavors to begin with: {Why}")]
    public partial void StarterFailed(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "webhook: {Why}")]
    public partial void WebhookFailed(string why);
}
