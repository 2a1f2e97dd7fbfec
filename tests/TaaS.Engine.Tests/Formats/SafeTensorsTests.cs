using System.Buffers.Binary;
using System.Text;
using TaaS.Engine.Formats;
using TaaS.Kernels;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests.Formats;

/// <summary>A checkpoint is what a user has left after hours of training.</summary>
public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taas-st-").FullName;

    private string File1 => Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Save_TwoTensors_WritesTheBytesOfTheFormat()
    {
        SafeTensors.Save(File1, new Dictionary<string, Tensor>
        {
            ["w"] = Tensor.From([1, -2], new Shape(1, 2), ReferenceDevice.Instance),
            ["b"] = Tensor.FromLabels([7], ReferenceDevice.Instance),
        });
        const string header = """{"b":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}""";
        var padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected = [.. BitConverter.GetBytes((ulong)padded.Length), .. Encoding.UTF8.GetBytes(padded), 7, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0];
        Assert.Equal(expected, File.ReadAllBytes(File1));
    }

    [Fact]
    public void Load_WhatWasSaved_GivesTheSameBits()
    {
        var view = Tensor.From([1, float.NaN, 3, float.NegativeInfinity, 5, 6], new Shape(2, 3), ReferenceDevice.Instance).Transpose();
        SafeTensors.Save(File1, new Dictionary<string, Tensor> { ["x"] = view, ["empty"] = Tensor.Zeros(new Shape(0, 3), ReferenceDevice.Instance) }, new Dictionary<string, string> { ["step"] = "12" });
        var loaded = SafeTensors.Load(File1, ReferenceDevice.Instance);
        Assert.Equal(view.ToArray(), loaded.Tensors["x"].ToArray());
        Assert.Equal(new Shape(3, 2), loaded.Tensors["x"].Shape);
        Assert.Equal(new Shape(0, 3), loaded.Tensors["empty"].Shape);
        Assert.Equal("12", loaded.Metadata["step"]);
    }

    [Fact]
    public void Save_DiskFull_LeavesTheOldFileWhole()
    {
        SafeTensors.Save(File1, new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(new Shape(4), ReferenceDevice.Instance) });
        var old = File.ReadAllBytes(File1);
        Assert.Throws<IOException>(() => AtomicFile.Write(File1, stream =>
        {
            stream.Write([1, 2, 3]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal(old, File.ReadAllBytes(File1));
        Assert.Equal([File1], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Load_TruncatedAnywhere_IsRefused()
    {
        SafeTensors.Save(File1, new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(new Shape(4), ReferenceDevice.Instance) });
        var whole = File.ReadAllBytes(File1);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(File1, whole[..length]);
            Assert.Contains("model.safetensors", Assert.Throws<SafeTensorsException>(() => SafeTensors.Load(File1, ReferenceDevice.Instance)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8)]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"x":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""[]""", 0)]
    [InlineData("""{"x":""", 0)]
    public void Load_HostileHeader_IsRefused(string header, int dataBytes)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        File.WriteAllBytes(File1, bytes);
        Assert.Throws<SafeTensorsException>(() => SafeTensors.Load(File1, ReferenceDevice.Instance));
    }

    [Fact]
    public void Load_HugeHeaderLength_IsRefusedWithoutMemory()
    {
        File.WriteAllBytes(File1, [255, 255, 255, 255, 255, 255, 255, 255, 0, 0]);
        Assert.Throws<SafeTensorsException>(() => SafeTensors.Load(File1, ReferenceDevice.Instance));
    }
}
