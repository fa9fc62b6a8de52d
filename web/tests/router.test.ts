import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPath, orderPath, routeOf, safeReturn, setRoot } from '../src/router.ts';

const at = (path: string) => routeOf(new URL(path, 'https://pages.example'));
const ORDER = '0123456789ABCDEF';

test('each path shows its view', () => {
  assert.equal(at('/desk').view, 'list');
  assert.equal(at('/desk/').view, 'list');
  assert.equal(at('/desk/attention').view, 'attention');
  assert.equal(at('/desk/create').view, 'create');
  assert.deepEqual(at(`/desk/orders/${ORDER}`), { view: 'order', orderId: ORDER, action: '' });
});

test('what is no path of the desk is unknown', () => {
  for (const path of ['/desk/orders/', '/desk/orders/short', `/desk/orders/${ORDER}/x`, '/desk/constructor', '/desk/ATTENTION']) {
    assert.equal(at(path).view, 'unknown', path);
  }
});

test('an order\'s address leads to its action', () => {
  assert.equal(orderPath(ORDER, 'release'), `/desk/orders/${ORDER}#release`);
  assert.deepEqual(at(orderPath(ORDER, 'release')), { view: 'order', orderId: ORDER, action: 'release' });
});

test('a fragment that is no text is no action', () => {
  assert.deepEqual(at(`/desk/orders/${ORDER}#%E0%A4%A`), { view: 'order', orderId: ORDER, action: '' });
});

test('the list keeps its filters in its address', () => {
  assert.equal(listPath({ status: '', buyer: '' }), '/desk');
  const route = at(listPath({ reference: 'A&B #1', status: '' }));
  assert.ok(route.view === 'list');
  assert.equal(route.query.get('reference'), 'A&B #1');
});

test('a sign-in returns to a path of the desk and nowhere else', () => {
  assert.equal(safeReturn(`/desk/orders/${ORDER}#release`), `/desk/orders/${ORDER}#release`);
  for (const path of ['https://evil.example/desk', '//evil.example/desk', '/desktop', '/pay/x', 'javascript:alert(1)', '']) {
    assert.equal(safeReturn(path), '/desk', path);
  }
});

test('the desk can be below a path of the pages', () => {
  setRoot('/shop/desk');
  try {
    assert.equal(at('/shop/desk/attention').view, 'attention');
    assert.equal(at('/desk/attention').view, 'unknown');
    assert.equal(orderPath(ORDER), `/shop/desk/orders/${ORDER}`);
    assert.equal(safeReturn('/desk'), '/shop/desk');
  } finally {
    setRoot('/desk');
  }
});
