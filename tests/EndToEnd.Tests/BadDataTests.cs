using System.IO.Compression;

namespace TaaS.EndToEnd.Tests;

/// <summary>Files that are missing, damaged or of another kind end in one line that names them; the failing role's code is the command's.</summary>
[Trait("Category", "process")]
public sealed class BadDataTests
{
    private const string Images = "train-images-idx3-ubyte";
    private const string Labels = "train-labels-idx1-ubyte";

    private static readonly Dictionary<string, Action<Workplace>> Damages = new()
    {
        ["missing"] = place => File.Delete(place.DataFile(Labels)),
        ["truncated"] = place => File.WriteAllBytes(place.DataFile(Images), File.ReadAllBytes(place.DataFile(Images))[..1000]),
        ["truncated gzip"] = place => Compress(place.DataFile(Images), keep: 0.5),
        ["corrupt gzip"] = place =>
        {
            File.Delete(place.DataFile(Images));
            File.WriteAllText(place.DataFile(Images + ".gz"), "no gzip at all, but some text");
        },
        ["another format"] = place => File.WriteAllText(place.DataFile(Images), "<html>404</html>"),
        ["label out of range"] = place => Patch(place.DataFile(Labels), 8 + 31, 77),
    };

    [Theory]
    [InlineData("missing", Labels, "does not exist")]
    [InlineData("truncated", Images, "is truncated")]
    [InlineData("truncated gzip", Images + ".gz", "fetch it again")]
    [InlineData("corrupt gzip", Images + ".gz", "is corrupt")]
    [InlineData("another format", Images, "does not begin as IDX")]
    [InlineData("label out of range", Labels, "label 77 of sample 31 is out of range, expected 0 to 9")]
    public async Task Train_DataDamaged_NamesFileAndDamage(string damage, string file, string mention)
    {
        using var place = new Workplace(32, 32);
        Damages[damage](place);
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--local");
        run.AssertRefused(4, file);
        run.AssertRefused(4, mention);
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("label out of range", "label 77 of sample 31")]
    public async Task Train_DataDamagedForRoles_EndsWithTheirCode(string damage, string mention)
    {
        using var place = new Workplace(64, 32);
        Damages[damage](place);
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile);
        run.AssertRefused(4, mention);
        run.AssertRefused(4, "worker-");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_ImagesOfAnotherSize_NamesLayerAndShapes(bool local)
    {
        using var place = new Workplace(128, 32, side: 20);
        var run = await TaasCommand.RunAsync(place.Folder, ["train", place.JobFile, .. local ? ["--local"] : Array.Empty<string>()]);
        run.AssertRefused(1, "layer 7 (Linear): linear: input has 1600 features, weight expects 3136");
    }

    [Fact]
    public async Task Train_TooLittleDataForABatch_SaysWhatToChange()
    {
        using var place = new Workplace(32, 32);
        (await TaasCommand.RunAsync(place.Folder, "train", place.JobFile)).AssertRefused(4, "leave no full batch of 32; use a smaller batch or fewer workers");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("truncated")]
    [InlineData("missing")]
    [InlineData("another model")]
    public async Task Eval_CheckpointUnusable_NamesIt(string damage)
    {
        using var place = new Workplace(32, 32);
        var file = Path.Combine(place.Folder, "broken.safetensors");
        var content = damage switch
        {
            "garbage" => new byte[] { 255, 255, 255, 255, 255, 255, 255, 127, 1, 2, 3 },
            "truncated" => SafeTensors("""{"0.weight":{"dtype":"F32","shape":[32,1,5,5],"data_offsets":[0,3200]}}""", 100),
            "another model" => SafeTensors("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4),
            _ => null,
        };
        if (content is not null)
        {
            File.WriteAllBytes(file, content);
        }

        (await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", file)).AssertRefused(4, "broken.safetensors");
        (await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--local", "--resume", file)).AssertRefused(4, "broken.safetensors");
    }

    private static byte[] SafeTensors(string header, int dataBytes) =>
        [.. BitConverter.GetBytes((ulong)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];

    private static void Patch(string path, int at, byte value)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] = value;
        File.WriteAllBytes(path, bytes);
    }

    private static void Compress(string path, double keep)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        File.Delete(path);
        File.WriteAllBytes(path + ".gz", packed.ToArray()[..(int)(packed.Length * keep)]);
    }
}
