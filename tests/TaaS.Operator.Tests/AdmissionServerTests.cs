using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>The webhook's judgement of what is submitted and changed, and the TLS that it speaks.</summary>
public sealed class AdmissionServerTests
{
    [Theory]
    [InlineData("nvidia.com/gpu", "-1")]
    [InlineData("nvidia.com/gpu", "0.5")]
    [InlineData("cpu", "much")]
    public void ImpossibleResources_AreRefusedByPath(string resource, string amount)
    {
        var job = new TestJob("odd").With(spec => spec["replicas"]!["worker"]!["resources"] = new JsonObject { [resource] = amount });

        var (allowed, message) = Judge(Review("CREATE", job.ToResource("team", "default")));

        Assert.False(allowed);
        Assert.StartsWith("spec.replicas.worker.resources", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnsupportedPodField_IsRefused_NotIgnored()
    {
        var (allowed, message) = Judge(Review("CREATE", new TestJob("odd").With(static spec => spec["replicas"]!["worker"]!["hostNetwork"] = true).ToResource("team", "default")));

        Assert.False(allowed);
        Assert.Contains("hostNetwork", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void JobThatHoldsNodes_IsChangedOnlyInWhatItsPlanDoesNotHangOn(bool isHarmless)
    {
        var old = new TestJob("running").Servers(1).Workers(2, min: 1, max: 4);
        var changed = isHarmless
            ? new TestJob("running").Servers(1).Workers(3, min: 1, max: 4).With(static spec => spec["suspend"] = true)
            : new TestJob("running").Servers(1).Workers(2, cpu: "20m", min: 1, max: 4);
        var status = new TrainingJobStatus { Placement = [new PodAssignment("worker", 0, "node", "any")], Attempt = 1 };

        var (allowed, message) = Judge(Review("UPDATE", changed.ToResource("team", "default"), old: old.ToResource("team", "default"), status: status));

        Assert.Equal(isHarmless, allowed);
        Assert.Equal(!isHarmless, message.Contains("suspend it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_AnswersOverTls_ByACertificateWhoseAuthorityItHasWrittenIntoTheConfigurations()
    {
        await using var server = await ApiServerDouble.StartAsync();
        using var connection = ApiConnection.Open(() => server.Configuration);
        var client = new ApiClient(connection);
        await client.CreateAsync(ResourceKinds.ValidatingWebhooks, new V1ValidatingWebhookConfiguration
        {
            ApiVersion = "admissionregistration.k8s.io/v1",
            Kind = "ValidatingWebhookConfiguration",
            Metadata = new V1ObjectMeta { Name = "taas-operator" },
            Webhooks = [new V1ValidatingWebhook { Name = "check.taas.dev", AdmissionReviewVersions = ["v1"], SideEffects = "None", ClientConfig = new Admissionregistrationv1WebhookClientConfig() }],
        }, CancellationToken.None);
        // Replicas that start together write at the same time: who comes second looks again, long before the next regular turn.
        var patches = 0;
        server.Faults.Plan = request => request.Method == "PATCH" && request.Path.Contains("webhookconfigurations", StringComparison.Ordinal) && Interlocked.Increment(ref patches) == 1 ? new Fault.Answer(409, Reason: "Conflict") : null;
        var port = FreePort();
        var options = new OperatorOptions { WebhookPort = port, OwnNamespace = "kube-system" };

        await using var first = await AdmissionServer.StartAsync(options, client, new OperatorLog(NullLogger.Instance), TimeProvider.System, CancellationToken.None);
        byte[]? authority = null;
        await TestCluster.EventuallyAsync(async () => (authority = (await client.GetAsync(ResourceKinds.ValidatingWebhooks, null, "taas-operator", CancellationToken.None)).Webhooks[0].ClientConfig.CaBundle) is not null, "the authority to be written");
        Assert.Equal(2, patches);
        using var http = Trusting(authority!, "taas-operator-webhook.kube-system.svc", port);
        var response = await http.PostAsJsonAsync(new Uri("https://taas-operator-webhook.kube-system.svc/validate"), Review("CREATE", new TestJob("odd").With(static spec => spec["epochs"] = 0).ToResource("team", "default")));

        Assert.Contains("spec.epochs", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // Another replica shows the same.
        var again = await WebhookCertificate.ObtainAsync(client, "kube-system", options.WebhookService, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        Assert.Equal(authority, again.Authority);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    // As the API server checks: by name, and by no authority but the one it was given.
    private static HttpClient Trusting(byte[] authority, string host, int port)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.TargetHost = host;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(authority));
        return new HttpClient(handler);
    }

    private static JsonObject Review(string operation, TrainingJobResource job, TrainingJobResource? old = null, TrainingJobStatus? status = null)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "1",
                ["kind"] = new JsonObject { ["group"] = TrainingJob.Group, ["version"] = TrainingJob.Version, ["kind"] = TrainingJob.Kind },
                ["operation"] = operation,
                ["userInfo"] = new JsonObject { ["username"] = "alice", ["groups"] = new JsonArray("vision", "system:authenticated") },
                ["object"] = Json(job),
            },
        };
        if (operation == "UPDATE")
        {
            var before = Json(old ?? job);
            before["status"] = status is null ? null : JsonNode.Parse(status.ToJson());
            review["request"]!["oldObject"] = before;
        }

        return review;
    }

    private static JsonObject Json(TrainingJobResource job) => new()
    {
        ["apiVersion"] = job.ApiVersion,
        ["kind"] = job.Kind,
        ["metadata"] = new JsonObject { ["name"] = job.Metadata.Name, ["namespace"] = job.Metadata.NamespaceProperty },
        ["spec"] = JsonNode.Parse(job.Spec.GetRawText()),
    };

    private static (bool Allowed, string Message) Judge(JsonObject review)
    {
        var response = AdmissionReview.Validate(JsonSerializer.SerializeToElement(review))["response"]!;
        return (response["allowed"]!.GetValue<bool>(), response["status"]?["message"]?.GetValue<string>() ?? "");
    }
}
