using System.Text.Json;

namespace TaaS.EndToEnd.Tests.Programs;

/// <summary>A folder of its own to run user's programs in.</summary>
internal sealed class ProgramPlace : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("taas-program-").FullName;

    public string Run(string name) => Path.Combine(Folder, "runs", name);

    public string Checkpoint(string name) => Path.Combine(Run(name), "checkpoint.safetensors");

    public JsonElement Result(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Run(name), "result.json"))).RootElement;

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A job file in this folder that runs a program.</summary>
    public string WriteJob(string program) => Write("job.yaml", $$"""
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: mine}
        spec:
          program: {path: {{program}}}
          replicas: {ps: {count: 1}, worker: {count: 2} }
        """);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
