/** @jest-environment node */
import { artifactQuery } from './artifacts';

it.each([
  ['minio://mlpipeline/v2/a b/model', 'minio', 'mlpipeline', 'v2/a b/model'],
  ['s3://bucket/key?versionId=1', 's3', 'bucket', 'key?versionId=1'],
  ['gs://bucket/deep/key', 'gcs', 'bucket', 'deep/key'],
  ['https://host:8080/a/b', 'https', 'host:8080', 'a/b']
])('finds %s in its store', (uri, source, bucket, key) => {
  expect(artifactQuery(uri, 'team')).toEqual({ source, bucket, key, namespace: 'team' });
});

it.each(['/data/runs/a b/model', 'file:///data/runs/a%20b/model'])('finds %s on disk', uri => {
  expect(artifactQuery(uri)).toEqual({ source: 'file', key: '/data/runs/a b/model' });
});

it.each(['', 'model', 'ftp://host/a', 's3://bucket', 'minio:///key', 'javascript:alert(1)'])(
  'refuses “%s” by name',
  uri => {
    expect(() => artifactQuery(uri)).toThrow(`“${uri}”`);
  }
);
