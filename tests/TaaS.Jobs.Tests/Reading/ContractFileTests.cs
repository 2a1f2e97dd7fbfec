namespace TaaS.Jobs.Tests;

/// <summary>Admins keep queues and flavors in one file; which of them is wrong must not be a riddle.</summary>
public sealed class ContractFileTests
{
    private const string Flavor = "apiVersion: taas.dev/v1alpha1\nkind: ResourceFlavor\nmetadata: {name: f}\nspec: {pricePerHour: 1}\n";
    private const string Queue = "apiVersion: taas.dev/v1alpha1\nkind: Queue\nmetadata: {name: q}\nspec: {quotas: [{flavor: f, resources: {cpu: {nominal: 1}}}]}\n";

    [Fact]
    public void Parse_SeveralDocuments_ReadsEachByItsKind()
    {
        var file = ContractFile.Parse($"# Ours.\n---\n{Flavor}---\n{Queue}---\n{ClusterFieldTests.Minimal}\n---\n# none\n");
        Assert.Equal(("f", "q", "small"), (file.Flavors.Single().Name, file.Queues.Single().Name, file.Jobs.Single().Name));
    }

    [Theory]
    [InlineData("weights: 1, quotas", "Queue q: spec.weights: unknown field; did you mean 'weight'? (line 9)")]
    [InlineData("weight: 0, quotas", "Queue q: spec.weight: expected a number above 0, got 0 (line 9)")]
    public void Parse_AMistake_NamesItsObject(string quotas, string message)
    {
        var error = Assert.Throws<JobException>(() => ContractFile.Parse($"{Flavor}---\n{Queue.Replace("quotas", quotas, StringComparison.Ordinal)}"));
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("kind: Pod\nmetadata: {name: p}", "Pod p: kind: expected one of TrainingJob, Queue, ResourceFlavor, got Pod")]
    [InlineData("a: b", "document 1: kind: expected one of TrainingJob, Queue, ResourceFlavor, got nothing")]
    [InlineData("a: [", "the file is not valid YAML")]
    public void Parse_NotOurs_IsRefused(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<JobException>(() => ContractFile.Parse(text)).Message, StringComparison.Ordinal);
}
