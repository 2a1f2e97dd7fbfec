namespace TaaS.Kernels.Gpu;

/// <summary>Where the sums of a product go, and what happens to them on the way, while they are still in registers.</summary>
internal interface ITarget
{
    /// <summary>Chooses the matrix of the batch.</summary>
    void Seek(int batch);

    /// <summary>Chooses four neighbouring columns; the first is a multiple of 4. Columns beyond the last are not written.</summary>
    void SeekColumns(int first);

    /// <summary>Writes the chosen columns of a row; nothing beyond the last row.</summary>
    void Put(int row, Float4 sums);
}
